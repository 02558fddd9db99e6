#include "nmt/base/descriptor.hpp"

#include "nmt/base/error.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace nmt {
namespace {

// Whether the failed call is worth making again; a descriptor that does not block is waited for first.
bool try_again(int descriptor, short event) {
    if (errno == EINTR) return true;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
    pollfd waiting{descriptor, event, 0};
    return poll(&waiting, 1, -1) >= 0 || errno == EINTR;
}

} // namespace

bool Descriptor::close() { return number_ < 0 || ::close(std::exchange(number_, -1)) == 0; }

std::size_t read_some(int descriptor, char* to, std::size_t size, const std::string& name) {
    for (;;) {
        const ssize_t got = ::read(descriptor, to, size);
        if (got >= 0) return static_cast<std::size_t>(got);
        check_system(try_again(descriptor, POLLIN), "read", name);
    }
}

bool write_all(int descriptor, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
        else if (written < 0 && !try_again(descriptor, POLLOUT)) return false;
    }
    return true;
}

} // namespace nmt
