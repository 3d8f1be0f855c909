/* config/certificates.h. Three headings are known to OpenSSL (PEM_STRING_X509 of openssl/pem.h). */
#include "config/certificates.h"
#include "base/alloc.h"
#include "base/os.h"
#include <errno.h>

/* That of a whole system has some 200 KB. */
#define MOST_BYTES ((size_t)16 << 20)

bool certificates_check(const char *name, const char *path, struct error *err) {
    static const char *const headings[] = { "-----BEGIN CERTIFICATE-----",
                                            "-----BEGIN X509 CERTIFICATE-----",
                                            "-----BEGIN TRUSTED CERTIFICATE-----" };
    size_t length;
    char *bytes = os_read_file(path, MOST_BYTES, &length);
    if (bytes == NULL)
        return error_set(err, ERROR_CONFIG, "%s: cannot read %.400s: %s", name, path,
                         strerror(errno));
    bool found = false;
    for (size_t i = 0; i < LENGTH(headings); i++)
        found = found || memmem(bytes, length, headings[i], strlen(headings[i]));
    memory_free(bytes);
    if (found) return true;
    error_set(err, ERROR_CONFIG, "%s: %.400s holds no certificate", name, path);
    error_suggest(err, "it takes PEM: -----BEGIN CERTIFICATE-----");
    return false;
}
