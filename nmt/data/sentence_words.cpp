#include "nmt/data/sentence_words.hpp"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <utility>

namespace nmt {
namespace {

// Words between blanks; those of one language in a line or two.
constexpr std::pair<WordRole, std::string_view> kWords[] = {
    {WordRole::title,
     "dr mr mrs ms messrs mx prof rev hon pres gov sen brig capt cpt cmdr sgt cpl pvt adm supt insp e.g i.e z.b d.h p.ex ee vs cf "
     "viz approx esp incl excl aka hrn frl fam fa dipl ing habil vgl bzw bspw sog evtl ggf inkl exkl zzgl abzgl einschl ausschl insb "
     "insbes geb gest verh gesch verw allg betr bez entspr ggü mme mlle mmes mlles mgr env sres sra srta sras dra dña lic arq aprox "
     "avda ctra depto sig sigg dott avv geom profa exmo exma dhr mevr mw drs bijv bv nml inż ul godz płk św ks np tzn tzw tj mudr "
     "judr phdr doc např tzv mj esim huom ул пл просп тов гр им проф акад св обл см напр κ κα κος δρ डॉ प्रो"},
    {WordRole::abbreviation,
     "inc ltd corp co maj gen col rep cmd resp uu bros jr sr esq etc al st ste mt ft ave blvd rd sq ln hwy apt dept univ assn assoc "
     "ext calif fla ariz colo conn tenn mich minn min hrs yrs usw usf ff ebd mio mrd tsd str std sek hbf bhf jh jhd jhdt hrsg aufl "
     "ud uds vd vds ecc av bd pág págs itd itp atd др пр руб тыс млн млрд ст phil med nat jur rer mag eng mons nl ca pr fr hr mm zus "
     "lt govt natl intl rte ibid misc eds hosp gral cie"},
    {WordRole::before_number,
     "no nos nr nrs fig figs eq eqs sec secs ch chap chs vol vols pp par para pt tab tbl ver art abs abb bd bde kap tel max min op "
     "ref refs ex nº n° núm cap kl rys ryc rozdz str стр рис гл табл gem jan feb febr mar apr jun jul aug sept sep oct okt nov dec "
     "dez déc avr juil"},
    {WordRole::first_word,
     "the a an he she it we they you i this that these those there here his her its our their my your in on at but and so if when "
     "while then after before as for from with by to however one two three four five some many most all no not what why how who "
     "where which is are was were do does did can could would should let nobody somebody everybody everyone everything nothing "
     "someone both each every another others also although because since once now yes yet even people der die das ein eine einen "
     "einem einer er sie es wir ihr ich du man dies diese dieser dieses den dem im am auf bei mit nach von vor zu und aber oder doch "
     "dann da als wenn weil nur noch auch sein seine seinen ihre ihren mein meine unser unsere wer wie wo warum hier dort danach nun "
     "jetzt alle viele einige kein keine niemand jeder zwei drei heute gestern bitte le la les un une des il elle ils elles nous "
     "vous je tu ce cet cette ces son sa ses leur leurs mon ma mes mais et ou où puis alors dans sur sous avec pour par en au aux à "
     "quand si comme tout tous toute toutes quel quelle que qui quoi non oui ainsi c j qu n el los las una unos unas él ella ellos "
     "ellas yo tú nosotros esto esta este estos estas ese esa eso su sus mi mis pero y con por para qué cómo cuando también ya se lo "
     "nadie todo todos gli uno lui lei loro noi voi io questo questa per quando anche che chi come dove è tutti nessuno poi o os um "
     "uma ele ela eles elas eu nós isto isso mas e em na com também não quem onde ninguém het een hij zij ze wij jij ik dit dat deze "
     "maar dan toen daar voor niet ook det han hon hun vi jag jeg och men så när på ona ono oni wy ja ty ten ta ale w z po nie tak "
     "já vy když ano он она оно они мы вы я ты это этот эта эти но и а в на с по к у из за для как так когда если что кто где потом "
     "затем однако после здесь там его её их все всё также тогда теперь ο η το οι τα αυτός αυτή και αλλά στη στο ένα μια"},
    {WordRole::name_part, "le la les de du des das an el los las al da do dos di van von den der ter"},
    {WordRole::month,
     "januar jänner februar feber märz april mai juni juli august september oktober november dezember jan feb mär apr jun jul aug "
     "sept sep okt nov dez"},
    {WordRole::before_ordinal,
     "am im der die das den dem des vom zum zur beim ab bis seit jeder jede jedes jeden ein eine einen einem einer sein seine seinen "
     "seiner seinem ihr ihre ihren ihrem ihrer mein meine meinen meinem unser unsere unseren unserem dieser diesen diesem diese nach "
     "vor und"},
    {WordRole::behind_ordinal,
     "jahrhundert jahrhunderts jh jahrtausend weltkrieg weltkriegs bundesliga liga klasse stock etage geburtstag platz runde kapitel "
     "auflage jahrestag jahrgang staffel etappe spieltag bezirk"},
    {WordRole::without_vowel,
     "tv cd dvd pc bbq hmm shh psst pvc mtv nfl nba cm dm km kg mg ml mph lbs krk prst vlk krv smrt trh vrch srst hrst"},
    {WordRole::verb_of_speaking,
     "said asked cried replied answered shouted exclaimed wondered whispered yelled called inquired enquired demanded screamed "
     "muttered repeated added says asks"},
};

constexpr std::uint32_t bit(WordRole role) { return 1u << static_cast<unsigned>(role); }

std::unordered_map<std::string_view, std::uint32_t> make_roles() {
    std::unordered_map<std::string_view, std::uint32_t> roles;
    for (const auto& [role, words] : kWords)
        for (std::size_t begin = 0; begin < words.size();) {
            const std::size_t end = std::min(words.find(' ', begin), words.size());
            roles[words.substr(begin, end - begin)] |= bit(role);
            begin = end + 1;
        }
    return roles;
}

} // namespace

bool has_role(std::string_view word, WordRole role) {
    static const std::unordered_map<std::string_view, std::uint32_t> roles = make_roles();
    const auto found = roles.find(word);
    return found != roles.end() && (found->second & bit(role)) != 0;
}

} // namespace nmt
