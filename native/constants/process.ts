// Constants of processes, threads, files, memory, time and waiting.

/** sys/epoll.h */
export const EPOLL = {
  EPOLL_CLOEXEC: 0x80000,
  EPOLL_CTL_ADD: 1,
  EPOLL_CTL_DEL: 2,
  EPOLLIN: 1,
  EPOLLOUT: 4,
  EPOLLERR: 8,
  EPOLLHUP: 16,
} as const;

/** sys/signalfd.h */
export const SIGNALFD = { SFD_CLOEXEC: 0x80000, SFD_NONBLOCK: 0x800 } as const;

/** linux/io_uring.h */
export const IO_URING = {
  IORING_SETUP_SINGLE_ISSUER: 0x1000,
  IORING_SETUP_DEFER_TASKRUN: 0x2000,
  IORING_FEAT_SINGLE_MMAP: 1,
  IORING_OFF_SQ_RING: 0,
  IORING_OFF_SQES: 0x1000_0000,
  IORING_OP_SEND: 26,
  IOSQE_ASYNC: 0x10,
  IORING_ENTER_GETEVENTS: 1,
  IORING_REGISTER_EVENTFD: 4,
} as const;

/** sys/eventfd.h */
export const EVENTFD = { EFD_CLOEXEC: 0x80000, EFD_NONBLOCK: 0x800 } as const;

/** sys/timerfd.h */
export const TIMERFD = { TFD_CLOEXEC: 0x80000, TFD_NONBLOCK: 0x800, TFD_TIMER_ABSTIME: 1 } as const;

/** time.h */
export const TIME = { CLOCK_REALTIME: 0, CLOCK_MONOTONIC: 1 } as const;

/** sched.h (with _GNU_SOURCE) */
export const SCHED = {
  SCHED_OTHER: 0,
  SCHED_FIFO: 1,
  SCHED_RESET_ON_FORK: 0x40000000,
  CLONE_NEWNET: 0x40000000,
} as const;

/** linux/sched.h */
export const SCHED_FLAG = { SCHED_FLAG_KEEP_POLICY: 0x08 } as const;

/** sys/resource.h */
export const RESOURCE = { PRIO_PROCESS: 0, RLIMIT_CORE: 4, RLIMIT_RTTIME: 15 } as const;

/** sys/resource.h: no limit. */
export const RLIM_INFINITY = 0xffff_ffff_ffff_ffffn;

/** sys/mman.h (with _GNU_SOURCE) */
export const MMAN = {
  MCL_CURRENT: 1,
  MCL_FUTURE: 2,
  MCL_ONFAULT: 4,
  PROT_READ: 1,
  PROT_WRITE: 2,
  PROT_EXEC: 4,
  MAP_SHARED: 1,
  MAP_PRIVATE: 2,
  MAP_ANONYMOUS: 0x20,
  MAP_POPULATE: 0x8000,
  MADV_DONTNEED: 4,
} as const;

/** linux/prctl.h */
export const PRCTL = {
  PR_SET_PDEATHSIG: 1,
  PR_GET_PDEATHSIG: 2,
  PR_GET_DUMPABLE: 3,
  PR_SET_DUMPABLE: 4,
  PR_SET_TIMERSLACK: 29,
} as const;

/** fcntl.h */
export const FCNTL = {
  O_RDONLY: 0,
  O_RDWR: 2,
  O_CREAT: 0o100,
  O_NONBLOCK: 0o4000,
  O_ASYNC: 0o20000,
  O_CLOEXEC: 0o2000000,
  F_SETFL: 4,
  F_SETOWN_EX: 15,
  F_OWNER_TID: 0,
} as const;

/** sys/file.h */
export const FILE = { LOCK_EX: 2, LOCK_NB: 4 } as const;

/** sys/inotify.h */
export const INOTIFY = {
  IN_CLOEXEC: 0o2000000,
  IN_NONBLOCK: 0o4000,
  IN_CLOSE_WRITE: 0x8,
  IN_MOVED_FROM: 0x40,
  IN_MOVED_TO: 0x80,
  IN_CREATE: 0x100,
  IN_DELETE: 0x200,
  IN_DELETE_SELF: 0x400,
  IN_MOVE_SELF: 0x800,
  IN_IGNORED: 0x8000,
  IN_ONLYDIR: 0x1000000,
} as const;

/** poll.h */
export const POLL = { POLLIN: 1 } as const;

/** signal.h; the handler value SIG_IGN as a number. */
export const SIGNAL = { SIG_IGN: 1, SIGINT: 2, SIGTERM: 15, SA_RESTART: 0x1000_0000 } as const;

/** sys/syscall.h, per architecture: calls that some C library has no working function for, that concern one thread, or that machine code makes. */
export const SYSCALL = {
  x64: {
    SYS_write: 1,
    SYS_getgroups: 115,
    SYS_setgroups: 116,
    SYS_setresuid: 117,
    SYS_getresuid: 118,
    SYS_setresgid: 119,
    SYS_getresgid: 120,
    SYS_sched_setscheduler: 144,
    SYS_sched_setattr: 314,
    SYS_io_uring_setup: 425,
    SYS_io_uring_enter: 426,
    SYS_io_uring_register: 427,
  },
  arm64: {
    SYS_write: 64,
    SYS_sched_setscheduler: 119,
    SYS_setresuid: 147,
    SYS_getresuid: 148,
    SYS_setresgid: 149,
    SYS_getresgid: 150,
    SYS_getgroups: 158,
    SYS_setgroups: 159,
    SYS_sched_setattr: 274,
    SYS_io_uring_setup: 425,
    SYS_io_uring_enter: 426,
    SYS_io_uring_register: 427,
  },
} as const;

/** Those of this machine. */
export const CALL = SYSCALL[process.arch === "arm64" ? "arm64" : "x64"];
