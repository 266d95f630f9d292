// What Glibc's Swift module map lacks: readiness, event descriptors, signals, affinity.
// Headers only; nothing here is compiled on its own.
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
