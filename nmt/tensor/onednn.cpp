// All that names oneDNN: the engine, the cache of primitives, products and packing. Written for 2.6; where 3.x differs, it
// says so here and nowhere else.
#include "nmt/base/parallel_failure.hpp"
#include "nmt/tensor/bfloat16.hpp"
#include "nmt/tensor/context.hpp"
#include "nmt/tensor/matmul.hpp"
#include "nmt/tensor/matrix_units.hpp"
#include "nmt/tensor/pool.hpp"
#include "nmt/tensor/spin_limit.hpp"
#include "nmt/tensor/transposed_product.hpp"

#include <oneapi/dnnl/dnnl.hpp>

#include <omp.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

namespace nmt {
namespace {

using dnnl::memory;

// How the second matrix of a product is stored.
enum class Layout { plain, transposed, blocked };

// Everything that a primitive for products depends on.
struct ProductKey {
    std::int64_t m, n, k;
    bool transpose_a;
    Layout b;
    bool bias, relu, accumulate;
    DataType type = DataType::f32; // of a and b; c is f32, but of s8 int32
    bool rounded = false;          // c is bf16
    bool operator==(const ProductKey&) const = default;
};

struct ProductKeyHash {
    std::size_t operator()(const ProductKey& key) const {
        std::uint64_t hash = static_cast<std::uint64_t>(key.m);
        for (const std::int64_t value :
             {key.n, key.k, std::int64_t{key.transpose_a}, static_cast<std::int64_t>(key.b), std::int64_t{key.bias}, std::int64_t{key.relu},
              std::int64_t{key.accumulate}, static_cast<std::int64_t>(key.type), std::int64_t{key.rounded}})
            hash = (hash ^ static_cast<std::uint64_t>(value)) * 0x9e3779b97f4a7c15ULL + (hash >> 29);
        return hash;
    }
};

struct Product {
    dnnl::matmul primitive;
    memory::desc a, b, bias, c, scratchpad;
    std::uint64_t uses = 0;
};

struct ProductArguments {
    const void* a;
    const void* b;
    const float* bias; // null: none
    std::byte* c;
};

// Rows of a block where products run block by block (multiply_in_blocks). Measured with AVX2 and SSE4.1: 2, 4, 6, 12, 16, 24 and 48
// rows keep every row the same, 8 do not.
constexpr std::int64_t kBlockRows = 24;

memory::format_tag tag_of(Layout layout, DataType type = DataType::f32) {
    using Tag = memory::format_tag;
    switch (layout) {
    case Layout::plain:
        return Tag::ab;
    case Layout::transposed:
        return Tag::ba;
    case Layout::blocked: // one layout for matrix units and vectors alike
        return type == DataType::f32 ? Tag::BA16a64b : type == DataType::bf16 ? Tag::BA16a64b2a : Tag::BA16a64b4a;
    }
    fail("unknown layout");
}

memory::data_type onednn_type(DataType type) {
    return type == DataType::f32 ? memory::data_type::f32 : type == DataType::bf16 ? memory::data_type::bf16 : memory::data_type::s8;
}

// Whether the processor has all instructions of `wanted`, as oneDNN is allowed to use them.
bool has_instructions(dnnl::cpu_isa wanted) {
    const auto bits = static_cast<unsigned>(wanted);
    return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & bits) == bits;
}

void append_relu(dnnl::post_ops& post_ops) {
#if DNNL_VERSION_MAJOR >= 3
    post_ops.append_eltwise(dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
#else
    post_ops.append_eltwise(1.0F, dnnl::algorithm::eltwise_relu, 0.0F, 0.0F);
#endif
}

dnnl::matmul::primitive_desc describe_product(const dnnl::engine& engine, const ProductKey& key) {
    constexpr auto f32 = memory::data_type::f32;
    const bool integers = key.type == DataType::s8;
    const memory::desc a({key.m, key.k}, integers ? memory::data_type::u8 : onednn_type(key.type),
                         tag_of(key.transpose_a ? Layout::transposed : Layout::plain));
    const memory::desc b({key.k, key.n}, onednn_type(key.type), tag_of(key.b, key.type));
    const memory::desc c({key.m, key.n},
                         integers      ? memory::data_type::s32
                         : key.rounded ? memory::data_type::bf16
                                       : f32,
                         memory::format_tag::ab);
    const memory::desc bias = key.bias ? memory::desc({1, key.n}, f32, memory::format_tag::ab) : memory::desc();
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user); // so that several threads may run one primitive
    if (key.accumulate) {
        dnnl::post_ops sum;
        sum.append_sum(1.0F);
        attributes.set_post_ops(sum);
    }
    if (key.relu) {
        dnnl::post_ops relu;
        append_relu(relu);
        attributes.set_post_ops(relu);
    }
#if DNNL_VERSION_MAJOR >= 3
    return key.bias ? dnnl::matmul::primitive_desc(engine, a, b, bias, c, attributes)
                    : dnnl::matmul::primitive_desc(engine, a, b, c, attributes);
#else
    return dnnl::matmul::primitive_desc(key.bias ? dnnl::matmul::desc(a, b, bias, c) : dnnl::matmul::desc(a, b, c), attributes, engine);
#endif
}

// So many primitives are kept. Text brings products of ever new sizes, and each takes some kilobytes; oneDNN itself keeps code that is
// used.
constexpr std::size_t kMostPrimitives = 4096;

ProductUse use_of(const ProductKey& key, std::uint64_t count) {
    return {key.m, key.n, key.k, key.type, key.transpose_a, key.b == Layout::blocked, count};
}

} // namespace

void add_use(std::vector<ProductUse>& uses, const ProductUse& use) {
    if (use.count == 0) return;
    const auto same = std::find_if(uses.begin(), uses.end(), [&](const ProductUse& other) { return other.same_product(use); });
    if (same != uses.end()) same->count += use.count; // with or without a bias
    else uses.push_back(use);
}

struct Context::Engine {
    Engine(std::shared_ptr<Pool> storage, int threads) : pool(std::move(storage)), spin_watch(threads > 1 ? watch_spinning() : nullptr) {}

    std::shared_ptr<Pool> pool;
    std::shared_ptr<SpinWatch> spin_watch; // over the threads of OpenMP, oneDNN's and ours
    dnnl::engine engine{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream{engine};
    const bool matrix_units = has_instructions(dnnl::cpu_isa::avx512_core_amx);
    const bool vectors_of_bf16 = has_instructions(dnnl::cpu_isa::avx512_core_bf16);
    std::unordered_map<ProductKey, Product, ProductKeyHash> products;
    std::map<std::tuple<std::int64_t, std::int64_t, DataType>, bool> blocked; // by K, N: whether the blocked layout is the fast one
    std::uint64_t hits = 0, misses = 0;
    std::unordered_map<ProductKey, std::uint64_t, ProductKeyHash> own;       // uses of products that are not a primitive's
    std::unordered_map<ProductKey, std::uint64_t, ProductKeyHash> forgotten; // of those whose primitives are no longer kept

    // Stays until the next call.
    Product& primitive(const ProductKey& key) {
        auto found = products.find(key);
        if (found != products.end()) {
            ++hits;
        } else {
            ++misses;
            if (products.size() >= kMostPrimitives) forget_primitives();
            const dnnl::matmul::primitive_desc description = describe_product(engine, key);
            found = products
                        .emplace(key, Product{dnnl::matmul(description), description.src_desc(), description.weights_desc(),
                                              key.bias ? description.bias_desc() : memory::desc(), description.dst_desc(),
                                              description.scratchpad_desc()})
                        .first;
        }
        return found->second;
    }

    void forget_primitives() {
        for (const auto& [key, product] : products) forgotten[key] += product.uses;
        products.clear();
    }

    const Product& product(const ProductKey& key) {
        Product& made = primitive(key);
        ++made.uses;
        return made;
    }

    // A product that needs no primitive.
    void count_own(const ProductKey& key) {
        ++own[key];
        ++hits;
    }

    void execute(const Product& product, const dnnl::stream& on, const ProductArguments& data) const {
        const auto wrap = [&](const memory::desc& description, const void* pointer) {
            return memory(description, engine, const_cast<void*>(pointer));
        };
        const std::shared_ptr<std::byte> scratch = pool->allocate(product.scratchpad.get_size());
        std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, wrap(product.a, data.a)},
                                                  {DNNL_ARG_WEIGHTS, wrap(product.b, data.b)},
                                                  {DNNL_ARG_DST, wrap(product.c, data.c)},
                                                  {DNNL_ARG_SCRATCHPAD, wrap(product.scratchpad, scratch.get())}};
        if (data.bias != nullptr) arguments.emplace(DNNL_ARG_BIAS, wrap(product.bias, data.bias));
        product.primitive.execute(on, arguments);
        dnnl::stream(on).wait();
    }

    void multiply(const ProductKey& key, const ProductArguments& data) {
        if (key.m > 0 && key.n > 0) execute(product(key), stream, data);
    }

    // Without a blocked product, oneDNN's kernel treats the last rows of a matrix, and matrices of few rows, in other ways than the
    // rest, and the last bits of a row would depend on how many there are. So rows go in blocks of one shape, each a product of a
    // single thread; the last block is filled up.
    void multiply_in_blocks(ProductKey key, const ProductArguments& data, int threads) {
        if (key.m == 0 || key.n == 0) return;
        ++own[key];
        const std::int64_t m = std::exchange(key.m, kBlockRows), blocks = (m + kBlockRows - 1) / kBlockRows;
        ParallelFailure failure;
        omp_set_num_threads(1); // primitives are made for as many threads as are allowed now
        const Product* block_product = nullptr;
        failure.guard([&] { block_product = &primitive(key); });
#pragma omp parallel for schedule(static) num_threads(threads) if (blocks > 1)
        for (std::int64_t block = 0; block < (block_product != nullptr ? blocks : 0); ++block)
            failure.guard(
                [&] { multiply_block(key, *block_product, data, block * kBlockRows, std::min(kBlockRows, m - block * kBlockRows)); });
        omp_set_num_threads(threads);
        failure.rethrow();
    }

    void multiply_block(const ProductKey& key, const Product& block_product, ProductArguments data, std::int64_t first,
                        std::int64_t rows) const {
        const dnnl::stream own(engine);
        const float* const from = static_cast<const float*>(data.a) + first * key.k;
        float* const to = reinterpret_cast<float*>(data.c) + first * key.n;
        data.a = from;
        data.c = reinterpret_cast<std::byte*>(to);
        if (rows == kBlockRows) return execute(block_product, own, data);
        std::vector<float> a(static_cast<std::size_t>(kBlockRows * key.k)), c(static_cast<std::size_t>(kBlockRows * key.n));
        std::copy_n(from, rows * key.k, a.data());
        if (key.accumulate) std::copy_n(to, rows * key.n, c.data());
        execute(block_product, own, {a.data(), data.b, data.bias, reinterpret_cast<std::byte*>(c.data())});
        std::copy_n(c.data(), rows * key.n, to);
    }

    // oneDNN's fast products (f32 on AVX-512, bf16 and s8 where there are instructions for them) read blocks of 16 x 64; elsewhere the
    // plain layout is what its product takes.
    bool prefers_blocked(std::int64_t k, std::int64_t n, DataType type) {
        const auto key = std::tuple(k, n, type);
        const auto found = blocked.find(key);
        if (found != blocked.end()) return found->second;
        bool fast = false;
        try {
            const std::string name =
                describe_product(engine, {64, n, k, false, Layout::blocked, false, false, false, type}).impl_info_str();
            fast = name.find("brg") != std::string::npos;
        } catch (const dnnl::error&) { // not supported here
        }
        return blocked[key] = fast;
    }

    void reorder(const memory::desc& from, const void* source, const memory::desc& to, void* target) const {
        memory in(from, engine, const_cast<void*>(source)), out(to, engine, target);
        dnnl::reorder(in, out).execute(dnnl::stream(stream), in, out);
        dnnl::stream(stream).wait();
    }
};

Context::Context(int threads, DataType products)
    : threads_(threads > 0 ? threads : available_threads()), products_(products), pool_(std::make_shared<Pool>()),
      engine_(std::make_unique<Engine>(pool_, threads_)) {
    check(can_compute(products), "this processor ({}) cannot compute products in {}; use f32", instruction_set(), name_of(products));
    enter();
}

void Context::enter() const { omp_set_num_threads(threads_); }

Context::~Context() = default;

std::shared_ptr<std::byte> Context::allocate(std::size_t bytes) { return pool_->allocate(bytes); }
std::size_t Context::pooled_bytes() const { return pool_->bytes(); }
void Context::free_idle_storage() { pool_->free_idle(); }
std::uint64_t Context::primitive_hits() const { return engine_->hits; }
std::uint64_t Context::primitive_misses() const { return engine_->misses; }

std::vector<ProductUse> Context::products_used() const {
    std::vector<ProductUse> all;
    for (const auto& [key, product] : engine_->products) add_use(all, use_of(key, product.uses));
    for (const auto& [key, uses] : engine_->forgotten) add_use(all, use_of(key, uses));
    for (const auto& [key, uses] : engine_->own) add_use(all, {key.m, key.n, key.k, key.type, key.transpose_a, true, uses});
    return all;
}

void matmul(const Tensor& a, const Tensor& b, Tensor& c, MatmulOptions options) {
    const std::int64_t m = options.transpose_a ? a.columns() : a.rows(), k = options.transpose_a ? a.rows() : a.columns();
    const std::int64_t n = b.columns();
    check(k == b.rows() && c.rows() == m && c.columns() == n, "product of {} and {} into {} (the first one transposed: {})",
          a.shape().to_string(), b.shape().to_string(), c.shape().to_string(), options.transpose_a);
    if (k == 0) {
        if (!options.accumulate) c.fill(0);
        return;
    }
    check(a.type() == b.type() && a.type() != DataType::s8 && c.type() == DataType::f32, "a product of {} and {} into {}",
          name_of(a.type()), name_of(b.type()), name_of(c.type()));
    a.context().engine().multiply({m, n, k, options.transpose_a, Layout::plain, false, false, options.accumulate, a.type()},
                                  {a.bytes(), b.bytes(), nullptr, c.bytes()});
}

PackedMatrix::PackedMatrix(const Tensor& b, bool transposed, DataType type)
    : inner_(transposed ? b.columns() : b.rows()), outer_(transposed ? b.rows() : b.columns()), type_(type) {
    check(b.type() == DataType::f32 && type != DataType::s8, "a matrix to be packed is f32, and becomes f32 or bf16");
    pack(type == DataType::bf16 ? to_bf16(b) : b, transposed);
}

PackedMatrix::PackedMatrix(const Tensor& b) : inner_(b.rows()), outer_(b.columns()), type_(DataType::bf16) {
    check(b.type() == DataType::bf16, "a matrix to be packed as it is is bf16");
    pack(b, false);
}

PackedMatrix::PackedMatrix(const QuantizedMatrix& b) : inner_(b.values.columns()), outer_(b.values.rows()), type_(DataType::s8) {
    if (!b.values.context().engine().prefers_blocked(inner_, outer_, type_)) {
        *this = PackedMatrix(dequantize(b), true);
        return;
    }
    pack(b.values, true);
    scales_.assign(b.scales.data(), b.scales.data() + outer_);
    for (std::int64_t j = 0; j < outer_; ++j) {
        const std::int8_t* const row = b.values.as<std::int8_t>() + j * inner_;
        offsets_.push_back(kActivationZero * std::accumulate(row, row + inner_, std::int32_t{0}));
    }
}

namespace {

// to [columns, rows] = the transpose of from [rows, columns], both stored row by row.
template <typename Value>
void transpose(const std::byte* from, std::byte* to, std::int64_t rows, std::int64_t columns) {
    constexpr std::int64_t kTile = 32;
    const Value* const source = reinterpret_cast<const Value*>(from);
    Value* const target = reinterpret_cast<Value*>(to);
    for (std::int64_t top = 0; top < rows; top += kTile)
        for (std::int64_t left = 0; left < columns; left += kTile)
            for (std::int64_t i = top; i < std::min(top + kTile, rows); ++i)
                for (std::int64_t j = left; j < std::min(left + kTile, columns); ++j) target[j * rows + i] = source[i * columns + j];
}

// oneDNN 3.7 reorders a transposed matrix into blocks wrongly where a size is no multiple of a block's; 2.6 does not.
constexpr bool kReordersTransposed = DNNL_VERSION_MAJOR < 3;

} // namespace

// values: of type_, [K,N] or transposed.
void PackedMatrix::pack(const Tensor& values, bool transposed) {
    Context::Engine& engine = values.context().engine();
    blocked_ = engine.prefers_blocked(inner_, outer_, type_);
    const memory::desc from({inner_, outer_}, onednn_type(type_), tag_of(transposed ? Layout::transposed : Layout::plain));
    const memory::desc to({inner_, outer_}, onednn_type(type_), tag_of(blocked_ ? Layout::blocked : Layout::plain, type_));
    storage_ = values.context().allocate(to.get_size());
    if (blocked_ && transposed && !kReordersTransposed) {
        const memory::desc plain({inner_, outer_}, onednn_type(type_), memory::format_tag::ab);
        const std::shared_ptr<std::byte> turned = values.context().allocate(plain.get_size());
        const auto turn = type_ == DataType::f32    ? transpose<std::uint32_t>
                          : type_ == DataType::bf16 ? transpose<std::uint16_t>
                                                    : transpose<std::uint8_t>;
        turn(reinterpret_cast<const std::byte*>(values.bytes()), turned.get(), outer_, inner_);
        engine.reorder(plain, turned.get(), to, storage_.get());
        return;
    }
    if (blocked_ && type_ == DataType::bf16 && !transposed) block_bf16(values, reinterpret_cast<std::uint16_t*>(storage_.get()));
    else engine.reorder(from, values.bytes(), to, storage_.get()); // four times as long
}

namespace {

void multiply_integers(const Tensor& a, const PackedMatrix& b, Tensor& c, const PackedMatmulOptions& options) {
    check(a.type() == DataType::f32, "a product of integers with a matrix in {}: expected f32", name_of(a.type()));
    Context& context = a.context();
    const std::shared_ptr<std::byte> codes = context.allocate(static_cast<std::size_t>(a.size()));
    Tensor row_scales(context, {a.rows()});
    quantize_activations(a, reinterpret_cast<std::uint8_t*>(codes.get()), row_scales.data());
    context.engine().multiply({a.rows(), b.outer(), b.inner(), false, Layout::blocked, false, false, false, DataType::s8},
                              {codes.get(), b.data(), nullptr, c.bytes()});
    const float* const bias = options.bias == nullptr ? nullptr : options.bias->data();
    finish_integer_product(c, {row_scales.data(), b.scales(), b.offsets(), bias}, options.relu);
}

} // namespace

void matmul(const Tensor& a, const PackedMatrix& b, Tensor& c, PackedMatmulOptions options) {
    const auto [bias, relu, accumulate, transpose_a] = options;
    const std::int64_t m = transpose_a ? a.columns() : a.rows(), k = transpose_a ? a.rows() : a.columns();
    check(k == b.inner() && c.rows() == m && c.columns() == b.outer(),
          "product of {} and a packed [{}, {}] into {} (the first one transposed: {})", a.shape().to_string(), b.inner(), b.outer(),
          c.shape().to_string(), transpose_a);
    check(!transpose_a || b.type() == DataType::bf16, "the first matrix of a packed product is transposed in bf16 alone");
    check(bias == nullptr || bias->size() == b.outer(), "a product of {} columns cannot add a bias of {}", b.outer(),
          bias == nullptr ? 0 : bias->size());
    check(!accumulate || (bias == nullptr && !relu && b.type() != DataType::s8),
          "a product that accumulates has no bias and no activation, and is not of integers");
    check(c.type() == DataType::f32 || (c.type() == DataType::bf16 && b.type() == DataType::bf16), "a product in {} cannot give {}",
          name_of(b.type()), name_of(c.type()));
    if (b.type() == DataType::s8) return multiply_integers(a, b, c, options);
    if (b.type() == DataType::bf16 && a.type() == DataType::f32) return matmul(to_bf16(a), b, c, options);
    check(a.type() == b.type(), "a product of tensors of different types");
    Context::Engine& engine = a.context().engine();
    const Layout layout = b.blocked() ? Layout::blocked : Layout::plain;
    const ProductKey key{m, b.outer(), k, transpose_a, layout, bias != nullptr, relu, accumulate, b.type(), c.type() == DataType::bf16};
    if (engine.matrix_units && suits_matrix_units(a, b, c, options)) {
        engine.count_own(key);
        return multiply_in_matrix_units(a, b, c, options);
    }
    if (kHasTransposedProduct && engine.vectors_of_bf16 && transpose_a && b.blocked() && c.type() == DataType::f32 && bias == nullptr &&
        !relu) {
        engine.count_own(key);
        return transposed_product(a, reinterpret_cast<const std::uint16_t*>(b.data()), c, accumulate);
    }
    const ProductArguments data{a.bytes(), b.data(), bias == nullptr ? nullptr : bias->data(), c.bytes()};
    if (b.blocked() || b.type() != DataType::f32) engine.multiply(key, data);
    else engine.multiply_in_blocks(key, data, a.context().threads());
}

DataType products_from_name(const std::string& precision) {
    const bool has_bf16 = has_instructions(dnnl::cpu_isa::avx512_core_bf16);
    if (precision == "f32" || (precision == "auto" && !has_bf16)) return DataType::f32;
    check(precision == "bf16" || precision == "auto", "unknown precision '{}'; expected f32, bf16 or auto", precision);
    check(has_bf16, "precision = bf16, but this processor ({}) has no instructions for bf16; use f32, or auto", instruction_set());
    return DataType::bf16;
}

bool can_compute(DataType products) {
    return products == DataType::f32 || (products == DataType::bf16 && has_instructions(dnnl::cpu_isa::avx512_core));
}

int available_threads() { return omp_get_num_procs(); }

std::string onednn_version() {
    const dnnl_version_t* version = dnnl_version();
    return fmt::format("{}.{}.{}", version->major, version->minor, version->patch);
}

std::string instruction_set() {
    switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41:
        return "SSE4.1";
    case dnnl::cpu_isa::avx:
        return "AVX";
    case dnnl::cpu_isa::avx2:
        return "AVX2";
    case dnnl::cpu_isa::avx2_vnni:
        return "AVX2 with VNNI";
    case dnnl::cpu_isa::avx512_core:
        return "AVX-512";
    case dnnl::cpu_isa::avx512_core_vnni:
        return "AVX-512 with VNNI";
    case dnnl::cpu_isa::avx512_core_bf16:
        return "AVX-512 with VNNI and BF16";
    case dnnl::cpu_isa::avx512_core_amx:
        return "AVX-512 with AMX";
    default:
        return fmt::format("oneDNN instruction set {:#x}", static_cast<unsigned>(dnnl::get_effective_cpu_isa()));
    }
}

} // namespace nmt
