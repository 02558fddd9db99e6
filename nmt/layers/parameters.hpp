// The parameters of a model by name, and how they start. Layers ask for theirs here when they are made.
#pragma once

#include "nmt/autograd/variable.hpp"
#include "nmt/base/random.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace nmt {

class ParameterStore {
  public:
    // Starting values are drawn from `seed` and the parameter's name, so that one parameter does not move another's.
    // Without a seed none are drawn: all values are to be loaded or shared.
    ParameterStore(Context& context, std::optional<std::uint64_t> seed) : context_(context), seed_(seed) {}
    ParameterStore(const ParameterStore&) = delete;
    ParameterStore& operator=(const ParameterStore&) = delete;

    // New parameters; throw Error if the name is taken. The references stay valid.
    Parameter& add_uniform(const std::string& name, Shape shape, double bound); // in [-bound, bound)
    // Glorot and Bengio, 2010: sqrt(6 / (in + out)); for several weights below one another, `out` is that of each.
    Parameter& add_xavier(const std::string& name, Shape shape, int weights = 1);
    Parameter& add_normal(const std::string& name, Shape shape, double deviation);
    Parameter& add_constant(const std::string& name, Shape shape, float value);

    // Freezes all parameters that bear one of the names or whose names begin with one, in whole components: "encoder" or
    // "decoder.layers.0". Throws Error, naming the nearest, for a name that none begins with, and where no parameter would be left.
    void freeze(const std::vector<std::string>& names);

    // Each parameter becomes a handle to that of the same name in `other` (Parameter::share).
    void share(ParameterStore& other);

    Parameter* find(std::string_view name); // null if there is none
    std::deque<Parameter>& all() { return parameters_; }
    const std::deque<Parameter>& all() const { return parameters_; }
    std::int64_t count() const; // values; what is tied is one parameter and counts once
    std::int64_t count_frozen() const;
    Context& context() const { return context_; }

  private:
    template <typename Draw>
    Parameter& add(const std::string& name, Shape shape, const Draw& draw);

    Context& context_;
    std::optional<std::uint64_t> seed_;
    std::deque<Parameter> parameters_;
};

} // namespace nmt
