/*
 * What Linux's module tls does with TLS_TX, done in the process, for machines whose kernel lacks it: loaded
 * before the server (LD_PRELOAD), it takes the keys that setsockopt() is given and makes the records of what
 * is then written in clear.  AES-128-GCM only, as a kernel may have few ciphers.  It takes less than it is
 * given at times, as kernels do, but waits where one would say EAGAIN.
 */
#include <dlfcn.h>
#include <errno.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef SOL_TLS
#define SOL_TLS 282
#endif

enum { SOCKETS = 65536, RECORD = 16384, TAKEN_MAX = 3 * RECORD + 1000, DATA = 23 };

static struct sender {
    int on;
    uint64_t sequence;
    struct tls12_crypto_info_aes_gcm_128 keys;
} senders[SOCKETS];

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static int send_whole(int fd, const uint8_t *bytes, size_t count)
{
    while (count > 0) {
        ssize_t sent = REAL(send)(fd, bytes, count, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN)
            (void)poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, 1000);
        else if (sent < 0)
            return -1;
        else {
            bytes += sent;
            count -= (size_t)sent;
        }
    }
    return 0;
}

static void write_number(uint8_t *to, uint64_t number, int bytes)
{
    while (bytes-- > 0) {
        to[bytes] = (uint8_t)number;
        number >>= 8;
    }
}

static int send_record(int fd, uint8_t type, const uint8_t *content, size_t count)
{
    struct sender *sender = &senders[fd];
    int new_kind = sender->keys.info.version == TLS_1_3_VERSION, length;
    uint8_t record[RECORD + 64], nonce[12], extra[13], *at = record + 5;
    memcpy(nonce, sender->keys.salt, 4);
    memcpy(nonce + 4, sender->keys.iv, 8);
    write_number(extra, sender->sequence++, 8);
    if (new_kind) { /* RFC 8446 section 5.2 */
        for (int i = 0; i < 8; i++)
            nonce[4 + i] ^= extra[i];
        record[0] = DATA;
        write_number(record + 3, count + 1 + 16, 2);
    } else { /* RFC 5288 section 3 */
        memcpy(nonce + 4, extra, 8);
        memcpy(at, extra, 8);
        at += 8;
        record[0] = type;
        write_number(record + 3, 8 + count + 16, 2);
        extra[8] = type;
        write_number(extra + 9, 0x0303, 2);
        write_number(extra + 11, count, 2);
    }
    write_number(record + 1, 0x0303, 2);
    EVP_CIPHER_CTX *gcm = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(gcm, EVP_aes_128_gcm(), NULL, sender->keys.key, nonce);
    EVP_EncryptUpdate(gcm, NULL, &length, new_kind ? record : extra, new_kind ? 5 : 13);
    EVP_EncryptUpdate(gcm, at, &length, content, (int)count);
    at += length;
    if (new_kind) {
        EVP_EncryptUpdate(gcm, at, &length, &type, 1);
        at += length;
    }
    EVP_EncryptFinal_ex(gcm, at, &length);
    EVP_CIPHER_CTX_ctrl(gcm, EVP_CTRL_AEAD_GET_TAG, 16, at);
    EVP_CIPHER_CTX_free(gcm);
    return send_whole(fd, record, (size_t)(at + 16 - record));
}

static ssize_t send_records(int fd, uint8_t type, const uint8_t *content, size_t count)
{
    size_t taken = count < TAKEN_MAX ? count : TAKEN_MAX;
    for (size_t done = 0; done < taken;) {
        size_t piece = taken - done < RECORD ? taken - done : RECORD;
        if (send_record(fd, type, content + done, piece) != 0)
            return -1;
        done += piece;
    }
    return (ssize_t)taken;
}

static int is_ours(int fd)
{
    return fd >= 0 && fd < SOCKETS && senders[fd].on;
}

int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
{
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    if (level == IPPROTO_TCP && name == TCP_ULP)
        return getpeername(fd, (struct sockaddr *)&peer, &size);
    if (level != SOL_TLS)
        return REAL(setsockopt)(fd, level, name, value, length);
    if (name != TLS_TX || length != sizeof senders[fd].keys || fd >= SOCKETS) {
        errno = EINVAL;
        return -1;
    }
    memcpy(&senders[fd].keys, value, length);
    memset(&senders[fd].sequence, 0, sizeof senders[fd].sequence);
    for (int i = 0; i < 8; i++)
        senders[fd].sequence = senders[fd].sequence << 8 | senders[fd].keys.rec_seq[i];
    senders[fd].on = 1;
    return 0;
}

int close(int fd)
{
    if (is_ours(fd))
        senders[fd].on = 0;
    return REAL(close)(fd);
}

ssize_t write(int fd, const void *bytes, size_t count)
{
    return is_ours(fd) ? send_records(fd, DATA, bytes, count) : REAL(write)(fd, bytes, count);
}

ssize_t send(int fd, const void *bytes, size_t count, int flags)
{
    return is_ours(fd) ? send_records(fd, DATA, bytes, count) : REAL(send)(fd, bytes, count, flags);
}

/* Anything but application data comes with its type beside it. */
ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
    if (!is_ours(fd))
        return REAL(sendmsg)(fd, message, flags);
    struct cmsghdr *beside = CMSG_FIRSTHDR(message);
    int typed = beside && beside->cmsg_level == SOL_TLS && beside->cmsg_type == TLS_SET_RECORD_TYPE;
    return send_records(fd, typed ? *CMSG_DATA(beside) : DATA, message->msg_iov[0].iov_base,
        message->msg_iov[0].iov_len);
}
