#include "nmt/tensor/tensor.hpp"

#include "nmt/tensor/context.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>

namespace nmt {
namespace {

Tensor counting(Context& context, Shape shape) {
    Tensor tensor(context, shape);
    std::iota(tensor.data(), tensor.data() + tensor.size(), 0.0F);
    return tensor;
}

TEST(ShapeTest, TellsRowsColumnsAndSize) {
    const Shape shape{2, 3, 4};
    EXPECT_EQ(shape.rank(), 3);
    EXPECT_EQ(shape[1], 3);
    EXPECT_EQ(shape.size(), 24);
    EXPECT_EQ(shape.columns(), 4);
    EXPECT_EQ(shape.rows(), 6);
    EXPECT_EQ((Shape{3, 4}.to_string()), "[3, 4]");
    EXPECT_EQ((Shape{5}.rows()), 1);
    EXPECT_EQ((Shape{5}.columns()), 5);
    EXPECT_EQ((Shape{3, 0}.size()), 0);
    EXPECT_EQ((Shape{1, 2, 3, 4}.size()), 24);
}

TEST(ShapeTest, ComparesDimensionsAndRank) {
    EXPECT_EQ((Shape{3, 4}), (Shape{3, 4}));
    EXPECT_NE((Shape{3, 4}), (Shape{4, 3}));
    EXPECT_NE((Shape{3, 4}), (Shape{3, 4, 1}));
    EXPECT_NE((Shape{3}), (Shape{3, 0}));
}

TEST(ShapeTest, RefusesFiveDimensions) {
    const std::string message = message_of<Error>([] { Shape{1, 2, 3, 4, 5}; });
    EXPECT_NE(message.find('4'), std::string::npos) << message;
    EXPECT_NE(message.find('5'), std::string::npos) << message;
}

TEST(TensorTest, IsEmptyUntilMade) {
    Context context(1);
    EXPECT_TRUE(Tensor().empty());
    const Tensor tensor(context, {2, 3});
    EXPECT_FALSE(tensor.empty());
    EXPECT_EQ(tensor.type(), DataType::f32);
    EXPECT_EQ(size_of(tensor.type()), sizeof(float));
    EXPECT_EQ(&tensor.context(), &context);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.data()) % 64, 0U);
}

TEST(TensorTest, ZerosAndFill) {
    Context context(1);
    { Tensor(context, {5, 7}).fill(3); } // what the pool hands out again is not zero
    Tensor tensor = Tensor::zeros(context, {5, 7});
    for (std::int64_t i = 0; i < tensor.size(); ++i) ASSERT_EQ(tensor.data()[i], 0);
    tensor.fill(2.5F);
    for (std::int64_t i = 0; i < tensor.size(); ++i) ASSERT_EQ(tensor.data()[i], 2.5F);
}

TEST(TensorTest, RowsAreContiguousAndSlicesShareThem) {
    Context context(1);
    const Tensor tensor = counting(context, {6, 5});
    EXPECT_EQ(tensor.row(2)[3], 13);
    Tensor slice = tensor.slice_rows(2, 5);
    EXPECT_EQ(slice.shape(), (Shape{3, 5}));
    EXPECT_EQ(slice.data(), tensor.row(2));
    Tensor inner = slice.slice_rows(1, 2);
    EXPECT_EQ(inner.data(), tensor.row(3));
    inner.fill(-1);
    EXPECT_EQ(tensor.row(3)[0], -1);
    EXPECT_EQ(tensor.row(2)[4], 14);
    EXPECT_EQ(tensor.row(4)[0], 20);
    EXPECT_EQ(tensor.slice_rows(6, 6).size(), 0);
}

TEST(TensorTest, ASliceKeepsTheStorageAlive) {
    Context context(1);
    Tensor slice;
    { slice = counting(context, {100, 16}).slice_rows(90, 100); }
    Tensor other(context, {100, 16});
    other.fill(-1);
    EXPECT_EQ(slice.row(0)[0], 1440);
}

TEST(TensorTest, ReshapedSharesAndCloneDoesNot) {
    Context context(1);
    Tensor tensor = counting(context, {4, 6});
    Tensor view = tensor.slice_rows(1, 3).reshaped({3, 2, 2});
    EXPECT_EQ(view.row(5)[1], 17);
    const Tensor copy = tensor.slice_rows(1, 3).clone();
    EXPECT_EQ(copy.shape(), (Shape{2, 6}));
    view.fill(0);
    EXPECT_EQ(tensor.row(1)[0], 0);
    EXPECT_EQ(tensor.row(0)[5], 5);
    EXPECT_EQ(copy.row(0)[0], 6);
    EXPECT_EQ(copy.row(1)[5], 17);
}

TEST(TensorTest, CopyFromCopies) {
    Context context(1);
    const Tensor from = counting(context, {4, 6});
    Tensor to = Tensor::zeros(context, {4, 6});
    to.slice_rows(2, 4).copy_from(from.slice_rows(0, 2));
    EXPECT_EQ(to.row(1)[5], 0);
    EXPECT_EQ(to.row(2)[0], 0);
    EXPECT_EQ(to.row(3)[5], 11);
}

TEST(TensorTest, MessagesNameTheShapes) {
    Context context(1);
    const Tensor tensor = Tensor::zeros(context, {4, 6});
    for (const auto& [begin, end] : {std::pair{-1, 2}, {3, 2}, {0, 5}}) {
        const std::string message = message_of<Error>([&, begin = begin, end = end] { tensor.slice_rows(begin, end); });
        EXPECT_NE(message.find("[4, 6]"), std::string::npos) << message;
        EXPECT_NE(message.find(std::to_string(end)), std::string::npos) << message;
    }
    const std::string reshaping = message_of<Error>([&] { tensor.reshaped({5, 5}); });
    EXPECT_NE(reshaping.find("[4, 6]"), std::string::npos) << reshaping;
    EXPECT_NE(reshaping.find("[5, 5]"), std::string::npos) << reshaping;
    Tensor other(context, {6, 4});
    const std::string copying = message_of<Error>([&] { other.copy_from(tensor); });
    EXPECT_NE(copying.find("[4, 6]"), std::string::npos) << copying;
    EXPECT_NE(copying.find("[6, 4]"), std::string::npos) << copying;
    EXPECT_THROW(Tensor::zeros(context, {2, 2, 2}).slice_rows(0, 1), Error);
}

} // namespace
} // namespace nmt
