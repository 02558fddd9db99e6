#include "nmt/experiments/recipe_finder.hpp"

#include "nmt/base/error.hpp"
#include "nmt/base/log.hpp"
#include "nmt/base/output_file.hpp"
#include "nmt/base/paths.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace nmt {
namespace {

namespace fs = std::filesystem;

class RecipeFinder : public testing::Test {
  protected:
    RecipeFinder() {
        set_quiet(true);
        put("installed/fish/recipe.ini", "Fish");
        put("installed/fish/small.ini", "Small fish");
        put("source/fish/recipe.ini", "Another fish");
        put("source/birds/recipe.ini", "Birds");
        write("source/birds/one-model.ini", "[model]\narchitecture = rnn\n");
        write("source/birds/notes.txt", "[recipe]\n");
        write("source/broken/recipe.ini", "[recipe]\nnaem = x\n");
    }
    void write(const std::string& name, const std::string& text) {
        make_folder(fs::path(folder_ / name).parent_path());
        write_file(folder_ / name, text);
    }
    void put(const std::string& name, const std::string& title) {
        write(name, "[recipe]\nname = x\ntitle = " + title + "\n[data]\ngenerator = phrasebook\n[model.a]\narchitecture = dictionary\n");
    }
    std::vector<fs::path> folders() const { return {folder_ / "installed", folder_ / "source", folder_ / "none"}; }

    TemporaryFolder folder_;
};

TEST_F(RecipeFinder, ListsTheBuiltInOneAndThoseOfTheFolders) {
    std::vector<std::string> found;
    for (const NamedRecipe& recipe : list_recipes(folders())) found.push_back(recipe.name + ": " + recipe.title);
    ASSERT_EQ(found.size(), 5u);
    EXPECT_EQ(found[0], "quickstart: " + Recipe::quickstart().title);
    EXPECT_EQ(found[1], "birds: Birds");
    EXPECT_NE(found[2].find("did you mean 'name'?"), std::string::npos) << found[2];
    EXPECT_EQ(found[3], "fish: Fish"); // the first folder's
    EXPECT_EQ(found[4], "fish/small: Small fish");
}

TEST_F(RecipeFinder, FindsFilesFoldersAndNames) {
    EXPECT_EQ(find_recipe(folder_ / "source/fish", folders()).title, "Another fish");
    EXPECT_EQ(find_recipe(folder_ / "source/fish/recipe.ini", {}).title, "Another fish");
    EXPECT_EQ(find_recipe("fish", folders()).title, "Fish");
    EXPECT_EQ(find_recipe("fish/small", folders()).title, "Small fish");
    EXPECT_EQ(find_recipe("birds", folders()).title, "Birds");
    EXPECT_EQ(find_recipe("quickstart", {}).title, Recipe::quickstart().title);
    for (const std::string name : {"fihs", "/nowhere/recipe.ini", "", "../source/fish", "fish/recipe"})
        EXPECT_NE(message_of<Error>([&] { find_recipe(name, folders()); }).find("there is no recipe '" + name + "'"), std::string::npos);
    EXPECT_NE(message_of<Error>([&] { find_recipe("fihs", folders()); }).find("did you mean 'fish'?"), std::string::npos);
}

TEST_F(RecipeFinder, LooksBesideTheProgramAndAboveIt) {
    make_folder(folder_ / "usr/bin");
    make_folder(folder_ / "usr/share/nmt/recipes");
    EXPECT_EQ(recipe_folders(folder_ / "usr/bin"), std::vector<fs::path>{folder_ / "usr/share/nmt/recipes"});
    make_folder(folder_ / "tree/build/release");
    put("tree/recipes/quickstart/recipe.ini", "Quickstart");
    EXPECT_EQ(recipe_folders(folder_ / "tree/build/release"), std::vector<fs::path>{folder_ / "tree/recipes"});
}

} // namespace
} // namespace nmt
