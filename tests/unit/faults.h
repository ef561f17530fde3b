/*
 * Makes what the program relies on fail, at a chosen use: memory, and system calls.
 *
 * Our own libraries are linked with --wrap, so that their malloc(), send() and so on come here;
 * OpenSSL and libevent are given allocators.  Uses are counted over all threads but those
 * that faults_spare_this_thread() named (the test's own), and only while a fault is armed.
 */
#ifndef LECTERN_TESTS_FAULTS_H
#define LECTERN_TESTS_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

enum fault_site {
    FAULT_MEMORY,  /* malloc and its kin in our libraries; jansson's and nghttp2's come
                     through these */
    FAULT_OPENSSL, /* memory of libraries */
    FAULT_LIBEVENT,
    FAULT_ZLIB,
    FAULT_EVENT_ADD, /* epoll_ctl() refuses */
    FAULT_RECV,
    FAULT_SEND,
    FAULT_ACCEPT,
    FAULT_OPEN,
    FAULT_MMAP,
    FAULT_MADVISE,
    FAULT_THREAD,
    FAULT_SITE_COUNT
};

/* First of all, before any of the libraries has memory. */
void faults_install(void);
void faults_spare_this_thread(void);

/* The uses first, first + 1, ... up to `count` of them, fail from now on; error_number is what
 * system calls say.  EAGAIN of a socket is followed by an edge, as the kernel would have one
 * follow. */
void faults_arm(enum fault_site site, unsigned long first, unsigned long count, int error_number);
/* As where the heap is full: nothing of 8 KiB or more is given, and small pieces mostly where some
 * were freed. */
void faults_make_scarce(void);
/* At most so many bytes in one recv() or send(); 0: no limit. */
void faults_shorten(size_t bytes_max);
/* Nothing fails any more; true when something did. */
bool faults_disarm(void);
/* Uses of the site since faults_arm(). */
unsigned long faults_uses(void);

#endif
