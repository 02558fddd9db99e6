// Libraries that only some commands need, loaded where they are needed: linked, they would slow each start of the program.
#pragma once

#include <string>

namespace nmt {

class DynamicLibrary {
  public:
    // file: "libcurl.so.4". needed_for: what asks for it, for messages: "downloads". package: the one of the distribution that has it.
    // Throws Error, naming both, if it cannot be loaded. It stays loaded until the program ends.
    DynamicLibrary(std::string file, std::string needed_for, std::string package);

    // One of its functions. Throws Error if it has none of that name.
    template <typename Function>
    Function* find(const char* name) const {
        return reinterpret_cast<Function*>(address_of(name));
    }

  private:
    void* address_of(const char* name) const;

    std::string file_, needed_for_, package_;
    void* library_;
};

} // namespace nmt
