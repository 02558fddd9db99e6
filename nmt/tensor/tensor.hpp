// Dense row-major tensors with a data type, in pooled storage. Used by everything that computes.
//
// Legend of shapes, here and everywhere: B sentences in a batch, R hypothesis rows, S source length, N rows of packed tokens, M rows of
// memory, D model width, E width of a memory's states or values, H heads (in recurrent code: hidden width), G gates of a recurrent cell,
// V vocabulary, C columns of any number; in products a [M,K] times b [K,N]. A word is the number of that name: [N,in].
#pragma once

#include "nmt/base/error.hpp"

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>

namespace nmt {

class Context;

enum class DataType {
    f32,
    bf16, // the upper half of an f32, kept as std::uint16_t
    s8,   // std::int8_t
};

// Bytes of one element.
std::size_t size_of(DataType type);
const char* name_of(DataType type); // "f32", "bf16", "s8"

// Up to four dimensions.
class Shape {
  public:
    Shape() = default;
    Shape(std::initializer_list<std::int64_t> dimensions);

    int rank() const { return rank_; }
    std::int64_t operator[](int i) const { return dimensions_[static_cast<std::size_t>(i)]; }
    std::int64_t size() const;    // product of all dimensions
    std::int64_t columns() const; // the last dimension
    std::int64_t rows() const;    // product of the others
    bool operator==(const Shape&) const = default;
    std::string to_string() const; // "[3, 4]"

  private:
    std::array<std::int64_t, 4> dimensions_{};
    int rank_ = 0;
};

// A handle: copies share the storage. A default-constructed tensor is empty.
class Tensor {
  public:
    Tensor() = default;
    // Not initialized. The context must outlive the tensor.
    Tensor(Context& context, Shape shape, DataType type = DataType::f32);
    // Over storage that holds its elements already.
    Tensor(Context& context, Shape shape, std::shared_ptr<std::byte> storage, DataType type = DataType::f32);
    static Tensor zeros(Context& context, Shape shape, DataType type = DataType::f32);

    bool empty() const { return storage_ == nullptr; }
    const Shape& shape() const { return shape_; }
    std::int64_t size() const { return shape_.size(); }
    std::int64_t rows() const { return shape_.rows(); }
    std::int64_t columns() const { return shape_.columns(); }
    DataType type() const { return type_; }
    Context& context() const { return *context_; }

    // The elements; T is the type that holds one.
    template <typename T>
    T* as() {
        assert(sizeof(T) == size_of(type_));
        return reinterpret_cast<T*>(storage_.get() + offset_);
    }
    template <typename T>
    const T* as() const {
        assert(sizeof(T) == size_of(type_));
        return reinterpret_cast<const T*>(storage_.get() + offset_);
    }
    std::byte* bytes() { return storage_.get() + offset_; }
    const std::byte* bytes() const { return storage_.get() + offset_; }
    float* data() { return as<float>(); } // of an f32 tensor
    const float* data() const { return as<float>(); }
    float* row(std::int64_t i) { return data() + i * columns(); }
    const float* row(std::int64_t i) const { return data() + i * columns(); }

    // Rows [begin, end) of a matrix; shares the storage.
    Tensor slice_rows(std::int64_t begin, std::int64_t end) const;
    // The same elements under another shape; shares the storage.
    Tensor reshaped(Shape shape) const;
    // The same storage, for computing in another context.
    Tensor in(Context& context) const;
    Tensor clone() const;
    void fill(float value);
    void copy_from(const Tensor& other); // same shape

  private:
    Context* context_ = nullptr;
    std::shared_ptr<std::byte> storage_;
    std::size_t offset_ = 0; // bytes
    Shape shape_;
    DataType type_ = DataType::f32;
};

} // namespace nmt
