// What Glibc's Swift module map lacks: readiness, event descriptors, signals, affinity, names,
// openat2, randomness.
// Headers and inline functions only; nothing here is compiled on its own.
//
// _GNU_SOURCE stays undefined on purpose: it changes fd_set, rusage and others, and a program that
// sees them through Glibc's module too (any test does) would not compile. The few GNU functions
// needed are declared here, as their manual pages have them.
#pragma once

#include <fcntl.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef _GNU_SOURCE
extern int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
extern int pthread_setname_np(pthread_t thread, const char *name);
extern int sched_setaffinity(pid_t thread, size_t size, const cpu_set_t *set);
extern int sched_getaffinity(pid_t thread, size_t size, cpu_set_t *set);
extern void *memmem(const void *bytes, size_t count, const void *wanted, size_t wanted_count);
extern long syscall(long number, ...);
extern int pipe2(int ends[2], int flags);
extern char **environ;
#endif

// The calls of the hot path, without the cancellation points that the C library puts around
// them as soon as a program has two threads: two atomic exchanges a call, and nothing here cancels
// a thread (pthread_cancel(3)).
static inline ssize_t clinux_recv(int descriptor, void *bytes, size_t count, int flags) {
    return syscall(SYS_recvfrom, descriptor, bytes, count, flags, 0, 0);
}
static inline ssize_t clinux_send(int descriptor, const void *bytes, size_t count) {
    return syscall(SYS_sendto, descriptor, bytes, count, MSG_NOSIGNAL, 0, 0);
}
static inline ssize_t clinux_send_before(int descriptor, const void *bytes, size_t count,
                                         int more_follows) {
    int flags = MSG_NOSIGNAL | (more_follows ? MSG_MORE : 0);
    return syscall(SYS_sendto, descriptor, bytes, count, flags, 0, 0);
}
// The file's own position stays where it is.
static inline ssize_t clinux_sendfile(int socket, int file, off_t offset, size_t count) {
    return syscall(SYS_sendfile, socket, file, &offset, count);
}
// RWF_NOWAIT of preadv2(2), both GNU names: only what is in memory. The kernel takes the offset in
// two halves and drops the second where a word holds it.
static inline ssize_t clinux_pread_nowait(int file, void *bytes, size_t count, off_t offset) {
    struct { void *base; size_t count; } vector = {bytes, count};
    return syscall(SYS_preadv2, file, &vector, 1L, (unsigned long)offset,
                   (unsigned long)((unsigned long long)offset >> 16 >> 16), 8L);
}
static inline int clinux_epoll_wait(int descriptor, struct epoll_event *events, int capacity,
                                    int milliseconds) {
    return syscall(SYS_epoll_pwait, descriptor, events, capacity, milliseconds, 0, 0);
}
// A negative time waits without bound.
static inline int clinux_poll(void *entries, unsigned count, long long nanoseconds) {
    struct timespec time = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    return syscall(SYS_ppoll, entries, (unsigned long)count, nanoseconds < 0 ? 0 : &time, 0, 8);
}

// The C library's own pidfd_open(2) is younger than the call.
static inline int clinux_pidfd_open(pid_t process) {
    return (int)syscall(SYS_pidfd_open, process, 0);
}

// O_TMPFILE is a GNU name. The name of the bits below it is the C library's own; it has them for
// every architecture, since O_DIRECTORY among them differs.
static inline int clinux_open_nameless(int folder, mode_t mode) {
    return openat(folder, ".", __O_TMPFILE | O_WRONLY | O_CLOEXEC, mode);
}

// O_PATH is a GNU name, too.
static inline int clinux_path_only(void) { return __O_PATH; }

// The C library has no openat2(2). `folder` is not left, however the path is spelled and wherever
// symbolic links lead, and the links of /proc, which are more than names, are not followed.
static inline int clinux_open_beneath(int folder, const char *path, int flags) {
    struct open_how how = {
        .flags = (unsigned)(flags | O_CLOEXEC),
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
    };
    return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

// Swift takes a global variable of C for something that any thread may write.
static inline char *const *clinux_environment(void) { return environ; }

// CPU_SET(3) and its kin are macros, and GNU ones.
static inline void clinux_cpu_zero(cpu_set_t *set) { memset(set, 0, sizeof *set); }
static inline void clinux_cpu_add(cpu_set_t *set, int core) {
    __CPU_SET_S(core, sizeof *set, set);
}
static inline int clinux_cpu_contains(const cpu_set_t *set, int core) {
    return __CPU_ISSET_S(core, sizeof *set, set);
}
static inline int clinux_cpu_limit(void) { return __CPU_SETSIZE; }
