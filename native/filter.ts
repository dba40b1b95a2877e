// Socket filters: programs of the classic packet filter that the kernel runs before it queues a packet.
import { SOCKET } from "./constants.ts";
import { SOCK_FILTER, SOCK_FPROG } from "./layout.ts";
import { Memory, writePointer } from "./memory.ts";
import { setOptionMemory } from "./option.ts";

/** struct sock_filter of linux/filter.h: code, jumps if true and if false, operand. */
export type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number];

/** Attaches a filter to a socket, in place of the one before. Returns 0 or the errno. */
export function attachFilter(fd: number, instructions: readonly Instruction[]): number {
  const code = new Memory(SOCK_FILTER.size * instructions.length);
  instructions.forEach(([operation, ifTrue, ifFalse, operand], i) => {
    const at = i * SOCK_FILTER.size;
    code.view.setUint16(at + SOCK_FILTER.at.code, operation, true);
    code.view.setUint8(at + SOCK_FILTER.at.jt, ifTrue);
    code.view.setUint8(at + SOCK_FILTER.at.jf, ifFalse);
    code.view.setUint32(at + SOCK_FILTER.at.k, operand >>> 0, true);
  });
  const program = new Memory(SOCK_FPROG.size);
  program.view.setUint16(SOCK_FPROG.at.len, instructions.length, true);
  writePointer(program.view, SOCK_FPROG.at.filter, code.address);
  return setOptionMemory(fd, SOCKET.SOL_SOCKET, SOCKET.SO_ATTACH_FILTER, program);
}
