// A signal that wakes another thread at once: the runtime tells JavaScript of a signal only when its main thread
// has come round to it, some 0.2 ms later and whenever it is busy.
//
// The handler is machine code, made here: it writes 1 into an eventfd and goes on with the runtime's own handler.
// It touches neither errno nor memory beyond its stack, so it may run at any point of any thread. A signal that the
// runtime does not know at all (a real-time one) has no handler to go on with: the eventfd is all that tells of it.
import { type Pointer, toArrayBuffer } from "bun:ffi";
import { MMAN, SIGNAL, SYSCALL } from "./constants.ts";
import { SIGACTION } from "./layout.ts";
import { libc } from "./libc.ts";
import { Memory, pointer } from "./memory.ts";

const CODE_BYTES = 4096;
/** SIG_DFL and SIG_IGN are 0 and 1: there is no handler to go on with. */
const FIRST_HANDLER = 2;

/**
 * From now on signal `n` also makes `eventfd` readable, before the handler that is installed now runs. The eventfd
 * must stay open as long as the process lives. False if the system or the architecture does not allow it, or nobody handles the
 * signal: everything is then as it was.
 */
export function relaySignal(n: number, eventfd: number): boolean {
  const action = new Memory(SIGACTION.size);
  if (libc.sigaction(n, null, pointer(action.address)) !== 0) return false;
  const handler = action.view.getBigUint64(SIGACTION.at.sa_handler, true);
  const code = handlerCode(process.arch, eventfd, handler);
  if (handler < FIRST_HANDLER || code === null) return false;
  const page = executable(code);
  if (page === null) return false;
  action.view.setBigUint64(SIGACTION.at.sa_handler, BigInt(page), true);
  return libc.sigaction(n, pointer(action.address), null) === 0;
}

/**
 * From now on signal `n` makes `eventfd` readable and does nothing else, whoever handled it before: for signals that
 * the runtime does not deliver. The eventfd must stay open as long as the process lives. False if the system or the
 * architecture does not allow it: everything is then as it was.
 */
export function catchSignal(n: number, eventfd: number): boolean {
  const code = handlerCode(process.arch, eventfd, null);
  const page = code === null ? null : executable(code);
  if (page === null) return false;
  const action = new Memory(SIGACTION.size);
  action.view.setBigUint64(SIGACTION.at.sa_handler, BigInt(page), true);
  // Calls of the C library that may be restarted are: nobody there expects this signal.
  action.view.setInt32(SIGACTION.at.sa_flags, SIGNAL.SA_RESTART, true);
  return libc.sigaction(n, pointer(action.address), null) === 0;
}

/** A page of its own with this code: written first, executable and no longer writable then. Null if refused. */
function executable(code: Uint8Array): Pointer | null {
  const { PROT_READ, PROT_WRITE, PROT_EXEC, MAP_PRIVATE, MAP_ANONYMOUS } = MMAN;
  const page = libc.mmap(
    null,
    CODE_BYTES,
    PROT_READ | PROT_WRITE,
    MAP_PRIVATE | MAP_ANONYMOUS,
    -1,
    0,
  ) as Pointer;
  if (Number(page) <= 0) return null; // MAP_FAILED is -1
  new Uint8Array(toArrayBuffer(page, 0, CODE_BYTES)).set(code);
  return libc.mprotect(page, CODE_BYTES, PROT_READ | PROT_EXEC) === 0 ? page : null;
}

/**
 * The handler for an architecture of Node's names, null for one that is not known here. `next`: the handler to go on
 * with; null = it returns.
 */
export function handlerCode(arch: string, eventfd: number, next: bigint | null): Uint8Array | null {
  if (arch === "x64") return x64(eventfd, next);
  if (arch === "arm64" && eventfd < 0x10000) return arm64(eventfd, next);
  return null;
}

/** System V ABI: the three arguments of a handler are in rdi, rsi, rdx; the kernel restores the rest. */
function x64(eventfd: number, next: bigint | null): Uint8Array {
  return assemble(
    [0xf3, 0x0f, 0x1e, 0xfa], // endbr64
    [0x57], // push rdi
    [0x56], // push rsi
    [0x52], // push rdx
    [0x6a, 0x01], // push 1
    [0xb8, ...little(SYSCALL.x64.SYS_write, 4)], // mov eax, SYS_write
    [0xbf, ...little(eventfd, 4)], // mov edi, eventfd
    [0x48, 0x89, 0xe6], // mov rsi, rsp
    [0xba, ...little(8, 4)], // mov edx, 8
    [0x0f, 0x05], // syscall
    [0x58], // pop rax
    [0x5a], // pop rdx
    [0x5e], // pop rsi
    [0x5f], // pop rdi
    ...(next === null ? [[0xc3]] : [ // ret
      [0x48, 0xb8, ...little(next, 8)], // movabs rax, next
      [0xff, 0xe0], // jmp rax
    ]),
  );
}

/** AAPCS64: the three arguments are in x0, x1, x2. */
function arm64(eventfd: number, next: bigint | null): Uint8Array {
  return assemble(
    little(0xd503245f, 4), // bti c
    little(0xa9be07e0, 4), // stp x0, x1, [sp, #-32]!
    little(0xf9000be2, 4), // str x2, [sp, #16]
    little(0xd2800021, 4), // mov x1, #1
    little(0xf9000fe1, 4), // str x1, [sp, #24]
    little(0x910063e1, 4), // add x1, sp, #24
    little(0x52800000 + eventfd * 32, 4), // mov w0, #eventfd
    little(0xd2800102, 4), // mov x2, #8
    little(0xd2800008 + SYSCALL.arm64.SYS_write * 32, 4), // mov x8, #SYS_write
    little(0xd4000001, 4), // svc #0
    little(0xf9400be2, 4), // ldr x2, [sp, #16]
    little(0xa8c207e0, 4), // ldp x0, x1, [sp], #32
    ...(next === null ? [little(0xd65f03c0, 4)] : [ // ret
      little(0x58000050, 4), // ldr x16, .+8
      little(0xd61f0200, 4), // br x16
      little(next, 8), // .quad next
    ]),
  );
}

function assemble(...parts: number[][]): Uint8Array {
  return Uint8Array.from(parts.flat());
}

/** A number as `bytes` bytes, lowest first. */
function little(value: number | bigint, bytes: number): number[] {
  const wide = BigInt(value);
  return Array.from({ length: bytes }, (_, i) => Number((wide >> BigInt(8 * i)) & 0xffn));
}
