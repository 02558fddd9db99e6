#include "nmt/layers/parameters.hpp"

#include "nmt/base/config.hpp"

#include <cmath>
#include <cstdlib>
#include <memory>
#include <new>

namespace nmt {
namespace {

std::uint64_t hash_name(std::string_view name) {
    std::uint64_t hash = 0;
    for (const char c : name) hash = mix_bits(hash ^ static_cast<unsigned char>(c)) + 0x9e3779b97f4a7c15ULL;
    return hash;
}

// Values to be loaded may lie elsewhere, in a mapped file: storage that is never touched takes no memory, unless a pool keeps it.
std::shared_ptr<std::byte> unpooled(const Shape& shape) {
    constexpr std::size_t kAlignment = 64;
    const std::size_t bytes = static_cast<std::size_t>(shape.size()) * sizeof(float);
    auto* const storage = static_cast<std::byte*>(std::aligned_alloc(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment));
    if (storage == nullptr) throw std::bad_alloc();
    return {storage, [](std::byte* block) { std::free(block); }};
}

} // namespace

template <typename Draw>
Parameter& ParameterStore::add(const std::string& name, Shape shape, const Draw& draw) {
    check(find(name) == nullptr, "the parameter '{}' exists already", name);
    if (!seed_) return parameters_.emplace_back(name, Tensor(context_, shape, unpooled(shape)));
    Tensor value(context_, shape);
    Random random(*seed_, hash_name(name));
    for (std::int64_t i = 0; i < value.size(); ++i) value.data()[i] = static_cast<float>(draw(random));
    return parameters_.emplace_back(name, std::move(value));
}

Parameter& ParameterStore::add_uniform(const std::string& name, Shape shape, double bound) {
    return add(name, shape, [&](Random& random) { return (2 * random.uniform() - 1) * bound; });
}

Parameter& ParameterStore::add_xavier(const std::string& name, Shape shape, int weights) {
    return add_uniform(name, shape, std::sqrt(6.0 / static_cast<double>(shape.rows() / weights + shape.columns())));
}

Parameter& ParameterStore::add_normal(const std::string& name, Shape shape, double deviation) {
    return add(name, shape, [&](Random& random) { return random.normal() * deviation; });
}

Parameter& ParameterStore::add_constant(const std::string& name, Shape shape, float value) {
    return add(name, shape, [&](Random&) { return value; });
}

void ParameterStore::share(ParameterStore& other) {
    for (Parameter& parameter : parameters_) {
        Parameter* const shared = other.find(parameter.name());
        check(shared != nullptr, "there is no parameter '{}' to share", parameter.name());
        parameter.share(*shared);
    }
}

Parameter* ParameterStore::find(std::string_view name) {
    for (Parameter& parameter : parameters_)
        if (parameter.name() == name) return &parameter;
    return nullptr;
}

void ParameterStore::freeze(const std::vector<std::string>& names) {
    const auto is_of = [](const std::string& name, const std::string& part) {
        return name.starts_with(part) && (name.size() == part.size() || name[part.size()] == '.');
    };
    for (const std::string& part : names) {
        bool found = false;
        std::vector<std::string> known;
        for (Parameter& parameter : parameters_) {
            const std::string& name = parameter.name();
            for (std::size_t end = name.find('.'); end != std::string::npos; end = name.find('.', end + 1))
                known.push_back(name.substr(0, end));
            known.push_back(name);
            if (!is_of(name, part)) continue;
            parameter.freeze();
            found = true;
        }
        check(found, "no parameter's name is '{}' or begins with it{}; 'nmt inspect' lists a model's parameters", part,
              did_you_mean(part, known));
    }
    check(names.empty() || count_frozen() < count(), "'{}' are all parameters: nothing would be left to train", fmt::join(names, " "));
}

std::int64_t ParameterStore::count_frozen() const {
    std::int64_t total = 0;
    for (const Parameter& parameter : parameters_)
        if (parameter.frozen()) total += parameter.value().size();
    return total;
}

std::int64_t ParameterStore::count() const {
    std::int64_t total = 0;
    for (const Parameter& parameter : parameters_) total += parameter.value().size();
    return total;
}

} // namespace nmt
