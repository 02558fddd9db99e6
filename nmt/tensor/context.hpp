// What is global to a computation has an owner here: oneDNN's engine and stream, the cache of its primitives, the pool of
// storage, the number of threads. One context serves one thread of the program; it computes with several.
#pragma once

#include "nmt/tensor/tensor.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace nmt {

class Pool;

// A product c [m,n] = a [m,k] b [k,n] that a context has computed, and how often.
struct ProductUse {
    std::int64_t m = 0, n = 0, k = 0;
    DataType type = DataType::f32;
    bool transpose_a = false, packed = false;
    std::uint64_t count = 0;

    bool same_product(const ProductUse& other) const {
        return m == other.m && n == other.n && k == other.k && type == other.type && transpose_a == other.transpose_a &&
               packed == other.packed;
    }
};

// Adds a use to a list that has each product once.
void add_use(std::vector<ProductUse>& uses, const ProductUse& use);

class Context {
  public:
    // threads: 0 means all cores that the process may use. OpenMP's thread count of the calling thread is set to it.
    // products: f32 or bf16, what products with weights are computed in. Throws Error where the processor cannot.
    explicit Context(int threads = 0, DataType products = DataType::f32);
    ~Context();
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;

    int threads() const { return threads_; }
    DataType products() const { return products_; }
    // Sets OpenMP's thread count of the calling thread as the constructor does: for a thread that did not make the context.
    void enter() const;

    // Storage of at least `bytes`, aligned to 64 bytes; it returns to the pool when the last owner lets go.
    std::shared_ptr<std::byte> allocate(std::size_t bytes);
    // Bytes that the pool has taken from the system.
    std::size_t pooled_bytes() const;
    // Gives storage that is not in use back to the system, before work of another kind.
    void free_idle_storage();

    // How often a product found its primitive in the cache, or needed none, and how often it had to be made.
    std::uint64_t primitive_hits() const;
    std::uint64_t primitive_misses() const;
    // The products so far, for profiles; each kind once.
    std::vector<ProductUse> products_used() const;

    // oneDNN's part, defined in onednn.cpp.
    struct Engine;
    Engine& engine() { return *engine_; }

  private:
    int threads_;
    DataType products_;
    std::shared_ptr<Pool> pool_;
    std::unique_ptr<Engine> engine_;
};

// The data type of products for a precision by name: "f32", "bf16", or "auto", which is bf16 where the processor has instructions for
// it and f32 elsewhere. Throws Error for bf16 without such instructions.
DataType products_from_name(const std::string& precision);
bool can_compute(DataType products); // bf16 also without instructions for it, slowly

int available_threads();       // cores that the process may use
std::string onednn_version();  // "2.6.3"
std::string instruction_set(); // what oneDNN dispatches to, such as "AVX-512 with VNNI"

} // namespace nmt
