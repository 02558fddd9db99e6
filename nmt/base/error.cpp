#include "nmt/base/error.hpp"

#include "nmt/base/utf8.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>

namespace nmt {

std::string message_of_current_exception() {
    try {
        throw;
    } catch (const Error& error) {
        return error.what();
    } catch (const std::filesystem::filesystem_error& error) {
        return fmt::format("cannot access '{}': {}", error.path1().string(), error.code().message());
    } catch (const std::bad_alloc&) {
        return "out of memory; try smaller batches";
    } catch (const std::exception& error) {
        return fmt::format("internal: {}", error.what());
    } catch (...) {
        return "internal: something unknown was thrown";
    }
}

StandardOutputError::StandardOutputError(int reason)
    : Error(fmt::format("cannot write 'standard output': {}", std::strerror(reason))), reason_(reason) {}

void check_system(bool done, const char* action, const std::string& name) {
    if (!done) fail("cannot {} '{}': {}", action, name, std::strerror(errno));
}

std::string one_line(std::string text) {
    constexpr std::size_t kLongest = 1000;
    if (text.size() > kLongest) {
        text.resize(character_boundary(text, kLongest));
        text += "...";
    }
    std::replace_if(
        text.begin(), text.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    return printable(text);
}

} // namespace nmt
