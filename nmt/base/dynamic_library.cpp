#include "nmt/base/dynamic_library.hpp"

#include "nmt/base/error.hpp"

#include <dlfcn.h>

#include <utility>

namespace nmt {

DynamicLibrary::DynamicLibrary(std::string file, std::string needed_for, std::string package)
    : file_(std::move(file)), needed_for_(std::move(needed_for)), package_(std::move(package)), library_(dlopen(file_.c_str(), RTLD_NOW)) {
    if (library_ == nullptr)
        fail("{} needs {}, which cannot be loaded: {}; install the package {}", needed_for_, file_, dlerror(), package_);
}

void* DynamicLibrary::address_of(const char* name) const {
    void* const address = dlsym(library_, name);
    check(address != nullptr, "{} needs a function {}, which {} lacks; install another version of the package {}", needed_for_, name, file_,
          package_);
    return address;
}

} // namespace nmt
