// All that names oneDNN: the engine, the cache of primitives, products and packing. Written for 2.6; where 3.x differs, it
// says so here and nowhere else.
#include "nmt/tensor/context.hpp"
#include "nmt/tensor/matmul.hpp"
#include "nmt/tensor/pool.hpp"

#include <oneapi/dnnl/dnnl.hpp>

#include <omp.h>

#include <algorithm>
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
    bool bias, accumulate;
    bool operator==(const ProductKey&) const = default;
};

struct ProductKeyHash {
    std::size_t operator()(const ProductKey& key) const {
        std::uint64_t hash = static_cast<std::uint64_t>(key.m);
        for (const std::int64_t value : {key.n, key.k, std::int64_t{key.transpose_a}, static_cast<std::int64_t>(key.b),
                                         std::int64_t{key.bias}, std::int64_t{key.accumulate}})
            hash = (hash ^ static_cast<std::uint64_t>(value)) * 0x9e3779b97f4a7c15ULL + (hash >> 29);
        return hash;
    }
};

struct Product {
    dnnl::matmul primitive;
    memory::desc a, b, bias, c, scratchpad;
};

struct ProductArguments {
    const float* a;
    const void* b;
    const float* bias; // null: none
    float* c;
};

// Rows of a block where products run block by block (multiply_in_blocks). Measured with AVX2 and SSE4.1: 2, 4, 6, 12, 16, 24 and 48
// rows keep every row the same, 8 do not.
constexpr std::int64_t kBlockRows = 24;

memory::format_tag tag_of(Layout layout) {
    switch (layout) {
    case Layout::plain:
        return memory::format_tag::ab;
    case Layout::transposed:
        return memory::format_tag::ba;
    case Layout::blocked:
        return memory::format_tag::BA16a64b;
    }
    fail("unknown layout");
}

dnnl::matmul::primitive_desc describe_product(const dnnl::engine& engine, const ProductKey& key) {
    constexpr auto f32 = memory::data_type::f32;
    const memory::desc a({key.m, key.k}, f32, tag_of(key.transpose_a ? Layout::transposed : Layout::plain));
    const memory::desc b({key.k, key.n}, f32, tag_of(key.b));
    const memory::desc c({key.m, key.n}, f32, memory::format_tag::ab);
    const memory::desc bias = key.bias ? memory::desc({1, key.n}, f32, memory::format_tag::ab) : memory::desc();
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user); // so that several threads may run one primitive
    if (key.accumulate) {
        dnnl::post_ops sum;
        sum.append_sum(1.0F);
        attributes.set_post_ops(sum);
    }
#if DNNL_VERSION_MAJOR >= 3
    return key.bias ? dnnl::matmul::primitive_desc(engine, a, b, bias, c, attributes)
                    : dnnl::matmul::primitive_desc(engine, a, b, c, attributes);
#else
    return dnnl::matmul::primitive_desc(key.bias ? dnnl::matmul::desc(a, b, bias, c) : dnnl::matmul::desc(a, b, c), attributes, engine);
#endif
}

} // namespace

struct Context::Engine {
    explicit Engine(std::shared_ptr<Pool> storage) : pool(std::move(storage)) {}

    std::shared_ptr<Pool> pool;
    dnnl::engine engine{dnnl::engine::kind::cpu, 0};
    dnnl::stream stream{engine};
    std::unordered_map<ProductKey, Product, ProductKeyHash> products;
    std::unordered_map<std::uint64_t, bool> blocked; // by (K,N): whether the blocked layout is the fast one
    std::uint64_t hits = 0, misses = 0;

    const Product& product(const ProductKey& key) {
        const auto found = products.find(key);
        if (found != products.end()) {
            ++hits;
            return found->second;
        }
        ++misses;
        const dnnl::matmul::primitive_desc description = describe_product(engine, key);
        return products
            .emplace(key,
                     Product{dnnl::matmul(description), description.src_desc(), description.weights_desc(),
                             key.bias ? description.bias_desc() : memory::desc(), description.dst_desc(), description.scratchpad_desc()})
            .first->second;
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
        const std::int64_t m = std::exchange(key.m, kBlockRows), blocks = (m + kBlockRows - 1) / kBlockRows;
        if (m == 0 || key.n == 0) return;
        omp_set_num_threads(1); // primitives are made for as many threads as are allowed now
        const Product& block_product = product(key);
#pragma omp parallel for schedule(static) num_threads(threads) if (blocks > 1)
        for (std::int64_t block = 0; block < blocks; ++block)
            multiply_block(key, block_product, data, block * kBlockRows, std::min(kBlockRows, m - block * kBlockRows));
        omp_set_num_threads(threads);
    }

    void multiply_block(const ProductKey& key, const Product& block_product, ProductArguments data, std::int64_t first,
                        std::int64_t rows) const {
        const dnnl::stream own(engine);
        data.a += first * key.k;
        data.c += first * key.n;
        if (rows == kBlockRows) return execute(block_product, own, data);
        std::vector<float> a(static_cast<std::size_t>(kBlockRows * key.k)), c(static_cast<std::size_t>(kBlockRows * key.n));
        std::copy_n(data.a, rows * key.k, a.data());
        if (key.accumulate) std::copy_n(data.c, rows * key.n, c.data());
        execute(block_product, own, {a.data(), data.b, data.bias, c.data()});
        std::copy_n(c.data(), rows * key.n, data.c);
    }

    // oneDNN's fast f32 product on AVX-512 reads blocks of 16 x 64; elsewhere the plain layout is what its product takes.
    bool prefers_blocked(std::int64_t k, std::int64_t n) {
        const std::uint64_t key = static_cast<std::uint64_t>(k) << 32 | static_cast<std::uint64_t>(n);
        const auto found = blocked.find(key);
        if (found != blocked.end()) return found->second;
        bool fast = false;
        try {
            const std::string name = describe_product(engine, {64, n, k, false, Layout::blocked, false, false}).impl_info_str();
            fast = name.find("brg") != std::string::npos;
        } catch (const dnnl::error&) { // not supported here
        }
        return blocked[key] = fast;
    }
};

Context::Context(int threads)
    : threads_(threads > 0 ? threads : available_threads()), pool_(std::make_shared<Pool>()), engine_(std::make_unique<Engine>(pool_)) {
    omp_set_num_threads(threads_);
}

Context::~Context() = default;

std::shared_ptr<std::byte> Context::allocate(std::size_t bytes) { return pool_->allocate(bytes); }
std::size_t Context::pooled_bytes() const { return pool_->bytes(); }
std::uint64_t Context::primitive_hits() const { return engine_->hits; }
std::uint64_t Context::primitive_misses() const { return engine_->misses; }

void matmul(const Tensor& a, const Tensor& b, Tensor& c, MatmulOptions options) {
    const std::int64_t m = options.transpose_a ? a.columns() : a.rows(), k = options.transpose_a ? a.rows() : a.columns();
    const std::int64_t n = options.transpose_b ? b.rows() : b.columns(), k_of_b = options.transpose_b ? b.columns() : b.rows();
    check(k == k_of_b && c.rows() == m && c.columns() == n, "product of {} and {} into {} (transposed: {}, {})", a.shape().to_string(),
          b.shape().to_string(), c.shape().to_string(), options.transpose_a, options.transpose_b);
    if (k == 0) {
        if (!options.accumulate) c.fill(0);
        return;
    }
    const Layout layout = options.transpose_b ? Layout::transposed : Layout::plain;
    a.context().engine().multiply({m, n, k, options.transpose_a, layout, false, options.accumulate},
                                  {a.data(), b.data(), nullptr, c.data()});
}

PackedMatrix::PackedMatrix(const Tensor& b, bool transposed)
    : inner_(transposed ? b.columns() : b.rows()), outer_(transposed ? b.rows() : b.columns()) {
    Context::Engine& engine = b.context().engine();
    blocked_ = engine.prefers_blocked(inner_, outer_);
    constexpr auto f32 = memory::data_type::f32;
    const memory::desc from({inner_, outer_}, f32, tag_of(transposed ? Layout::transposed : Layout::plain));
    const memory::desc to({inner_, outer_}, f32, tag_of(blocked_ ? Layout::blocked : Layout::plain));
    storage_ = b.context().allocate(to.get_size());
    memory source(from, engine.engine, const_cast<float*>(b.data()));
    memory target(to, engine.engine, storage_.get());
    dnnl::reorder(source, target).execute(engine.stream, source, target);
    engine.stream.wait();
}

void matmul(const Tensor& a, const PackedMatrix& b, const Tensor* bias, Tensor& c, bool accumulate) {
    check(a.columns() == b.inner() && c.rows() == a.rows() && c.columns() == b.outer(), "product of {} and a packed [{}, {}] into {}",
          a.shape().to_string(), b.inner(), b.outer(), c.shape().to_string());
    check(bias == nullptr || (bias->size() == b.outer() && !accumulate), "a product of {} columns cannot add a bias of {}", b.outer(),
          bias == nullptr ? 0 : bias->size());
    Context::Engine& engine = a.context().engine();
    const ProductArguments data{a.data(), b.data(), bias == nullptr ? nullptr : bias->data(), c.data()};
    const ProductKey key{a.rows(), b.outer(), b.inner(), false, b.blocked() ? Layout::blocked : Layout::plain, bias != nullptr, accumulate};
    if (b.blocked()) engine.multiply(key, data);
    else engine.multiply_in_blocks(key, data, a.context().threads());
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
