#include "nmt/base/known_keys.hpp"

#include "nmt/base/error.hpp"
#include "tests/base/test_support.hpp"

#include <gtest/gtest.h>

namespace nmt {
namespace {

const std::vector<KnownSection> kKnown{
    {"cook", {"heat", "max-minutes"}, {{"warmth", "give heat of [cook]"}}}, {"dish.NAME", {"salt", "pepper"}}, {"notes", {}}};

std::string complaint(const std::string& text) {
    return message_of<Error>([&] { check_known(Configuration::parse(text, "a.ini"), kKnown); });
}

TEST(KnownKeys, AreAllTaken) {
    EXPECT_NO_THROW(check_known(Configuration::parse("[cook]\nheat = 1\n[dish.soup]\nsalt = 2\n[notes]\nanything = 3\n", "a.ini"), kKnown));
}

TEST(KnownKeys, SayWhatWasMeant) {
    EXPECT_EQ(complaint("[cook]\nheta = 1\n"), "'a.ini': unknown key 'heta' in [cook] (did you mean 'heat'?)");
    EXPECT_EQ(complaint("[cook]\nminutes = 1\n"), "'a.ini': unknown key 'minutes' in [cook] (did you mean 'max-minutes'?)");
    EXPECT_EQ(complaint("[cook]\nsalt = 1\n"), "'a.ini': unknown key 'salt' in [cook]; it belongs to [dish.NAME]");
    EXPECT_EQ(complaint("[cook]\npeper = 1\n"), "'a.ini': unknown key 'peper' in [cook] (did you mean 'pepper' of [dish.NAME]?)");
    EXPECT_EQ(complaint("[dish.soup]\nheat = 1\n"), "'a.ini': unknown key 'heat' in [dish.soup]; it belongs to [cook]");
    EXPECT_EQ(complaint("[dish.soup]\nwarmth = 1\n"), "'a.ini': unknown key 'warmth' in [dish.soup]; give heat of [cook]");
    EXPECT_EQ(complaint("[cook]\nxyzzyxyzzy = 1\n"), "'a.ini': unknown key 'xyzzyxyzzy' in [cook]");
    EXPECT_EQ(complaint("[coko]\nheat = 1\n"), "'a.ini': unknown section [coko] (did you mean 'cook'?)");
    EXPECT_EQ(complaint("[dihs.soup]\n"), "'a.ini': unknown section [dihs.soup] (did you mean 'dish.soup'?)");
    EXPECT_EQ(complaint("[dish]\nsalt = 1\n"), "'a.ini': [dish] needs a name: [dish.NAME]");
}

TEST(KnownKeys, AreExplained) {
    int heat = 7;
    std::string kind = "soup";
    OptionTable table;
    table.add("heat", heat, "degrees");
    table.add("kind", kind, "what it is", {"soup", "cake"});
    EXPECT_EQ(explain_section("cook", table), "\n[cook]\n# degrees\nheat = 7\n# what it is: soup, cake\nkind = soup\n");
    EXPECT_EQ(known_section("cook", table).keys, (std::vector<std::string>{"heat", "kind"}));
}

} // namespace
} // namespace nmt
