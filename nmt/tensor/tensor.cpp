#include "nmt/tensor/tensor.hpp"

#include "nmt/tensor/context.hpp"

#include <algorithm>
#include <cstring>

namespace nmt {

std::size_t size_of(DataType type) {
    switch (type) {
    case DataType::f32:
        return 4;
    case DataType::bf16:
        return 2;
    case DataType::s8:
        return 1;
    }
    fail("unknown data type {}", static_cast<int>(type));
}

const char* name_of(DataType type) { return type == DataType::f32 ? "f32" : type == DataType::bf16 ? "bf16" : "s8"; }

Shape::Shape(std::initializer_list<std::int64_t> dimensions) : rank_(static_cast<int>(dimensions.size())) {
    check(dimensions.size() <= dimensions_.size(), "a tensor has at most {} dimensions, found {}", dimensions_.size(), dimensions.size());
    std::copy(dimensions.begin(), dimensions.end(), dimensions_.begin());
}

std::int64_t Shape::size() const {
    std::int64_t product = 1;
    for (int i = 0; i < rank_; ++i) product *= (*this)[i];
    return product;
}

std::int64_t Shape::columns() const { return rank_ == 0 ? 1 : (*this)[rank_ - 1]; }

std::int64_t Shape::rows() const {
    std::int64_t product = 1;
    for (int i = 0; i + 1 < rank_; ++i) product *= (*this)[i];
    return product;
}

std::string Shape::to_string() const { return fmt::format("[{}]", fmt::join(dimensions_.begin(), dimensions_.begin() + rank_, ", ")); }

Tensor::Tensor(Context& context, Shape shape, DataType type)
    : context_(&context), storage_(context.allocate(static_cast<std::size_t>(shape.size()) * size_of(type))), shape_(shape), type_(type) {}

Tensor::Tensor(Context& context, Shape shape, std::shared_ptr<std::byte> storage, DataType type)
    : context_(&context), storage_(std::move(storage)), shape_(shape), type_(type) {}

Tensor Tensor::zeros(Context& context, Shape shape, DataType type) {
    Tensor tensor(context, shape, type);
    std::memset(tensor.storage_.get(), 0, static_cast<std::size_t>(tensor.size()) * size_of(type)); // a zero of each type
    return tensor;
}

Tensor Tensor::slice_rows(std::int64_t begin, std::int64_t end) const {
    check(shape_.rank() == 2 && 0 <= begin && begin <= end && end <= shape_[0], "rows {} to {} of a tensor {}", begin, end,
          shape_.to_string());
    Tensor slice = *this;
    slice.offset_ += static_cast<std::size_t>(begin * shape_[1]) * size_of(type_);
    slice.shape_ = Shape{end - begin, shape_[1]};
    return slice;
}

Tensor Tensor::reshaped(Shape shape) const {
    check(shape.size() == size(), "a tensor {} cannot take the shape {}", shape_.to_string(), shape.to_string());
    Tensor view = *this;
    view.shape_ = shape;
    return view;
}

Tensor Tensor::in(Context& context) const {
    Tensor view = *this;
    view.context_ = &context;
    return view;
}

Tensor Tensor::clone() const {
    Tensor copy(*context_, shape_, type_);
    std::memcpy(copy.storage_.get(), storage_.get() + offset_, static_cast<std::size_t>(size()) * size_of(type_));
    return copy;
}

void Tensor::fill(float value) { std::fill_n(data(), size(), value); }

void Tensor::copy_from(const Tensor& other) {
    check(shape_ == other.shape_ && type_ == other.type_, "copying a tensor {} into {}", other.shape_.to_string(), shape_.to_string());
    std::memcpy(storage_.get() + offset_, other.storage_.get() + other.offset_, static_cast<std::size_t>(size()) * size_of(type_));
}

} // namespace nmt
