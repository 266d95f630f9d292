// What Glibc's Swift module map lacks: readiness, event descriptors, signals, affinity, and the
// few calls whose GNU form does not import (transparent unions, macros).
// Headers and inline functions only; nothing here is compiled on its own.
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

// accept4(2) takes a transparent union in GNU mode, which Swift cannot pass.
static inline int clinux_accept4(int descriptor, struct sockaddr *address, socklen_t *length,
                                 int flags) {
    return accept4(descriptor, address, length, flags);
}

// pthread_setname_np(3) is a GNU extension. The name may have at most 15 bytes.
static inline int clinux_set_thread_name(pthread_t thread, const char *name) {
    return pthread_setname_np(thread, name);
}

// CPU_SET(3) and its kin are macros.
static inline void clinux_cpu_zero(cpu_set_t *set) { CPU_ZERO(set); }
static inline void clinux_cpu_add(cpu_set_t *set, int core) { CPU_SET(core, set); }
static inline int clinux_cpu_contains(const cpu_set_t *set, int core) {
    return CPU_ISSET(core, set);
}
static inline int clinux_cpu_limit(void) { return CPU_SETSIZE; }
