// The tables of the phrasebook's lexicon. A row is one entry; the columns are the fields of the struct in the header.
#include "nmt/phrasebook/lexicon.hpp"

namespace nmt::lexicon {

namespace {

constexpr Gender m = Gender::masculine, f = Gender::feminine;

constexpr Noun kNouns[] = {
    {"homme", "hommes", m, "man", "men", kUnowned},
    {"femme", "femmes", f, "woman", "women", kUnowned},
    {"garçon", "garçons", m, "boy", "boys", kUnowned},
    {"fille", "filles", f, "girl", "girls", kUnowned},
    {"enfant", "enfants", m, "child", "children", kFamily},
    {"bébé", "bébés", m, "baby", "babies", kPerson},
    {"médecin", "médecins", m, "doctor", "doctors", kPerson},
    {"professeur", "professeurs", m, "teacher", "teachers", kPerson},
    {"boulanger", "boulangers", m, "baker", "bakers", kPerson},
    {"fermier", "fermiers", m, "farmer", "farmers", kPerson},
    {"infirmière", "infirmières", f, "nurse", "nurses", kPerson},
    {"reine", "reines", f, "queen", "queens", kPerson},
    {"roi", "rois", m, "king", "kings", kPerson},
    {"soldat", "soldats", m, "soldier", "soldiers", kPerson},
    {"étudiante", "étudiantes", f, "student", "students", kPerson},
    {"peintre", "peintres", m, "painter", "painters", kPerson},
    {"chanteuse", "chanteuses", f, "singer", "singers", kPerson},
    {"actrice", "actrices", f, "actress", "actresses", kPerson},
    {"voisin", "voisins", m, "neighbor", "neighbors", kFamily},
    {"voisine", "voisines", f, "neighbor", "neighbors", kFamily},
    {"ami", "amis", m, "friend", "friends", kFamily},
    {"amie", "amies", f, "friend", "friends", kFamily},
    {"frère", "frères", m, "brother", "brothers", kFamily},
    {"sœur", "sœurs", f, "sister", "sisters", kFamily},
    {"oncle", "oncles", m, "uncle", "uncles", kFamily},
    {"tante", "tantes", f, "aunt", "aunts", kFamily},

    {"chat", "chats", m, "cat", "cats", kAnimal},
    {"chien", "chiens", m, "dog", "dogs", kAnimal},
    {"cheval", "chevaux", m, "horse", "horses", kAnimal},
    {"oiseau", "oiseaux", m, "bird", "birds", kAnimal},
    {"souris", "souris", f, "mouse", "mice", kAnimal},
    {"lapin", "lapins", m, "rabbit", "rabbits", kAnimal},
    {"vache", "vaches", f, "cow", "cows", kAnimal},
    {"poule", "poules", f, "hen", "hens", kAnimal},
    {"mouche", "mouches", f, "fly", "flies", kAnimal},
    {"cafard", "cafards", m, "cockroach", "cockroaches", kAnimal},
    {"bête", "bêtes", f, "animal", "animals", kAnimal},
    {"loup", "loups", m, "wolf", "wolves", kAnimal},

    {"pain", "", m, "bread", "", kFood},
    {"fromage", "", m, "cheese", "", kFood},
    {"viande", "", f, "meat", "", kFood},
    {"soupe", "", f, "soup", "", kFood},
    {"gâteau", "gâteaux", m, "cake", "cakes", kFood},
    {"pomme", "pommes", f, "apple", "apples", kFood},
    {"poire", "poires", f, "pear", "pears", kFood},
    {"carotte", "carottes", f, "carrot", "carrots", kFood},
    {"salade", "salades", f, "salad", "salads", kFood},
    {"œuf", "œufs", m, "egg", "eggs", kFood},
    {"plat", "plats", m, "dish", "dishes", kFood},
    {"déjeuner", "déjeuners", m, "lunch", "lunches", kFood},
    {"eau", "", f, "water", "", kDrink},
    {"lait", "", m, "milk", "", kDrink},
    {"vin", "", m, "wine", "", kDrink},
    {"café", "", m, "coffee", "", kDrink},
    {"thé", "", m, "tea", "", kDrink},
    {"bière", "", f, "beer", "", kDrink},

    {"livre", "livres", m, "book", "books", kText},
    {"lettre", "lettres", f, "letter", "letters", kText},
    {"journal", "journaux", m, "newspaper", "newspapers", kText},
    {"roman", "romans", m, "novel", "novels", kText},
    {"histoire", "histoires", f, "story", "stories", kText | kStory},
    {"page", "pages", f, "page", "pages", kText},
    {"question", "questions", f, "question", "questions", kText},
    {"suite", "suites", f, "sequel", "sequels", kText},

    {"table", "tables", f, "table", "tables", kThing | kSurface},
    {"chaise", "chaises", f, "chair", "chairs", kThing | kSurface},
    {"clé", "clés", f, "key", "keys", kThing},
    {"chapeau", "chapeaux", m, "hat", "hats", kThing},
    {"montre", "montres", f, "watch", "watches", kThing},
    {"corde", "cordes", f, "rope", "ropes", kThing},
    {"planche", "planches", f, "board", "boards", kThing | kSurface},
    {"verre", "verres", m, "glass", "glasses", kThing},
    {"couteau", "couteaux", m, "knife", "knives", kThing},
    {"lampe", "lampes", f, "lamp", "lamps", kThing},
    {"fleur", "fleurs", f, "flower", "flowers", kThing},
    {"vélo", "vélos", m, "bike", "bikes", kThing},
    {"voiture", "voitures", f, "car", "cars", kThing},
    {"bateau", "bateaux", m, "boat", "boats", kThing | kRide},
    {"robe", "robes", f, "dress", "dresses", kThing},
    {"manteau", "manteaux", m, "coat", "coats", kThing},
    {"ordinateur", "ordinateurs", m, "computer", "computers", kThing},
    {"cadeau", "cadeaux", m, "gift", "gifts", kThing},
    {"boîte", "boîtes", f, "box", "boxes", kThing | kDoor | kSurface},
    {"valise", "valises", f, "suitcase", "suitcases", kThing | kDoor | kSurface},
    {"sac", "sacs", m, "bag", "bags", kThing | kDoor},
    {"porte", "portes", f, "door", "doors", kDoor},
    {"fenêtre", "fenêtres", f, "window", "windows", kDoor},

    {"maison", "maisons", f, "house", "houses", kPlace},
    {"jardin", "jardins", m, "garden", "gardens", kPlace},
    {"école", "écoles", f, "school", "schools", kPlace},
    {"église", "églises", f, "church", "churches", kPlace},
    {"marché", "marchés", m, "market", "markets", kPlace},
    {"forêt", "forêts", f, "forest", "forests", kPlace},
    {"parc", "parcs", m, "park", "parks", kPlace},
    {"village", "villages", m, "village", "villages", kPlace},
    {"château", "châteaux", m, "castle", "castles", kPlace},
    {"musée", "musées", m, "museum", "museums", kPlace},
    {"hôtel", "hôtels", m, "hotel", "hotels", kPlace},
    {"gare", "gares", f, "station", "stations", kPlace},
    {"ferme", "fermes", f, "farm", "farms", kPlace},
    {"cuisine", "cuisines", f, "kitchen", "kitchens", kPlace},
    {"lieu", "lieux", m, "place", "places", kPlace},

    {"main", "mains", f, "hand", "hands", kBody},
    {"pied", "pieds", m, "foot", "feet", kBody},
    {"tête", "têtes", f, "head", "heads", kBody},
    {"œil", "yeux", m, "eye", "eyes", kBody},
    {"dent", "dents", f, "tooth", "teeth", kBody},
    {"langue", "langues", f, "tongue", "tongues", kBody},
    {"gorge", "gorges", f, "throat", "throats", kBody},
    {"cheveu", "cheveux", m, "hair", "hairs", kBody},
    {"queue", "queues", f, "tail", "tails", kBody},
    {"poil", "poils", m, "whisker", "whiskers", kBody},

    {"faim", "", f, "hunger", "-", kIdea},
    {"soif", "", f, "thirst", "-", kIdea},
    {"peur", "", f, "fear", "-", kIdea},
    {"honte", "", f, "shame", "-", kIdea},
    {"sommeil", "", m, "sleep", "-", kIdea},
    {"chance", "", f, "luck", "-", kIdea},
    {"vie", "", f, "life", "-", kIdea},
    {"temps", "", m, "time", "-", kIdea},
    {"argent", "", m, "money", "-", kIdea},
    {"appétit", "", m, "appetite", "-", kIdea},
    {"raison", "raisons", f, "reason", "reasons", kIdea},
    {"besoin", "besoins", m, "need", "needs", kIdea},
    {"envie", "envies", f, "desire", "desires", kIdea},
    {"visite", "visites", f, "visit", "visits", kIdea},
    {"coup", "coups", m, "blow", "blows", kIdea},
    {"matinée", "matinées", f, "morning", "mornings", kIdea},
    {"train", "trains", m, "train", "trains", kRide},

    {"lune", "", f, "moon", "", kSight},
    {"mer", "", f, "sea", "", kSight},
    {"ciel", "", m, "sky", "", kSight},
    {"terre", "", f, "earth", "", kSight},
    {"monde", "", m, "world", "", kSight},
    {"air", "", m, "air", "", kSight},
    {"nuit", "", f, "night", "", kSight},
};

constexpr Name kNames[] = {
    {"Paul", m}, {"Pierre", m}, {"Marc", m}, {"Louis", m}, {"Marie", f}, {"Julie", f}, {"Sophie", f}, {"Alice", f},
};

constexpr Kinds kMade = kThing | kDoor | kRide; // what a craftsman made

constexpr Adjective kAdjectives[] = {
    {"petit petite petits petites", "little", Position::before, kAnimate | kMade | kPlace | kText},
    {"grand grande grands grandes", "big", Position::before, kAnimal | kMade | kPlace},
    {"beau belle beaux belles bel", "beautiful", Position::before, kAnimal | kMade | kPlace | kSight},
    {"vieux vieille vieux vieilles vieil", "old", Position::before, kAnimate | kMade | kPlace | kText},
    {"jeune jeune jeunes jeunes", "young", Position::before, kUnowned | kPerson | kAnimal},
    {"bon bonne bons bonnes", "good", Position::before, kFood | kDrink | kText},
    {"mauvais mauvaise mauvais mauvaises", "bad", Position::before, kFood | kDrink | kText},
    {"nouveau nouvelle nouveaux nouvelles nouvel", "new", Position::before, kPerson | kMade | kPlace | kText},
    {"joli jolie jolis jolies", "pretty", Position::before, kThing | kPlace},
    {"gros grosse gros grosses", "fat", Position::before, kAnimal},
    {"long longue longs longues", "long", Position::before, kText},

    {"noir noire noirs noires", "black", Position::after, kAnimal | kMade, true},
    {"blanc blanche blancs blanches", "white", Position::after, kAnimal | kMade | kPlace, true},
    {"gris grise gris grises", "gray", Position::after, kAnimal | kMade, true},
    {"rouge rouge rouges rouges", "red", Position::after, kMade, true},
    {"vert verte verts vertes", "green", Position::after, kMade, true},
    {"bleu bleue bleus bleues", "blue", Position::after, kMade, true},
    {"jaune jaune jaunes jaunes", "yellow", Position::after, kMade, true},
    {"rose rose roses roses", "pink", Position::after, kMade, true},
    {"italien italienne italiens italiennes", "Italian", Position::after, kPerson | kGoods | kPlace, true},
    {"français française français françaises", "French", Position::after, kPerson | kGoods | kPlace, true},
    {"anglais anglaise anglais anglaises", "English", Position::after, kPerson | kGoods | kPlace, true},
    {"russe russe russes russes", "Russian", Position::after, kPerson | kGoods | kPlace, true},

    {"fatigué fatiguée fatigués fatiguées", "tired", Position::after, kAnimate},
    {"heureux heureuse heureux heureuses", "happy", Position::after, kHuman},
    {"triste triste tristes tristes", "sad", Position::after, kHuman | kText},
    {"riche riche riches riches", "rich", Position::after, kHuman},
    {"intelligent intelligente intelligents intelligentes", "clever", Position::after, kAnimate},
    {"célèbre célèbre célèbres célèbres", "famous", Position::after, kHuman | kPlace},
    {"malade malade malades malades", "sick", Position::after, kAnimate},
    {"timide timide timides timides", "shy", Position::after, kHuman},
    {"sérieux sérieuse sérieux sérieuses", "serious", Position::after, kHuman},
    {"courageux courageuse courageux courageuses", "brave", Position::after, kAnimate},
    {"étrange étrange étranges étranges", "strange", Position::after, kAnimate | kMade | kPlace | kText | kIdea},
    {"dangereux dangereuse dangereux dangereuses", "dangerous", Position::after, kAnimal | kPlace},
    {"calme calme calmes calmes", "quiet", Position::after, kAnimate | kPlace},
    {"froid froide froids froides", "cold", Position::after, kFood | kDrink | kPlace | kBody},
    {"chaud chaude chauds chaudes", "hot", Position::after, kFood | kDrink},
    {"délicieux délicieuse délicieux délicieuses", "delicious", Position::after, kFood | kDrink},
    {"frais fraîche frais fraîches", "fresh", Position::after, kFood | kDrink},
    {"gras grasse gras grasses", "greasy", Position::after, kFood},
    {"cuit cuite cuits cuites", "cooked", Position::after, kFood},
    {"cher chère chers chères", "expensive", Position::after, kThing | kDrink},
    {"lourd lourde lourds lourdes", "heavy", Position::after, kMade},
    {"cassé cassée cassés cassées", "broken", Position::after, kMade},
    {"sale sale sales sales", "dirty", Position::after, kMade | kBody},
    {"ouvert ouverte ouverts ouvertes", "open", Position::after, kDoor},
    {"fermé fermée fermés fermées", "closed", Position::after, kDoor},
    {"vide vide vides vides", "empty", Position::after, kPlace},
    {"moderne moderne modernes modernes", "modern", Position::after, kMade | kPlace},
    {"intéressant intéressante intéressants intéressantes", "interesting", Position::after, kText},
    {"utile utile utiles utiles", "useful", Position::after, kMade | kText},
    {"difficile difficile difficiles difficiles", "difficult", Position::after, kText | kIdea},
    {"sûr sûre sûrs sûres", "sure", Position::predicate, kHuman},
};

constexpr Kinds kNone = 0;
constexpr Kinds kSeen = kAnimate | kThing | kPlace | kDoor | kSight | kRide;

constexpr Verb kVerbs[] = {
    {"dormir", "dors dors dort dormons dormez dorment", "dormi", "sleep slept slept sleeping", "", kAnimate, kNone},
    {"travailler", "travaille travailles travaille travaillons travaillez travaillent", "travaillé", "work worked worked working", "",
     kHuman, kNone},
    {"chanter", "chante chantes chante chantons chantez chantent", "chanté", "sing sang sung singing", "", kHuman, kNone},
    {"danser", "danse danses danse dansons dansez dansent", "dansé", "dance danced danced dancing", "", kHuman, kNone},
    {"courir", "cours cours court courons courez courent", "couru", "run ran run running", "", kAnimate, kNone},
    {"marcher", "marche marches marche marchons marchez marchent", "marché", "walk walked walked walking", "", kHuman, kNone},
    {"jouer", "joue joues joue jouons jouez jouent", "joué", "play played played playing", "", kAnimate, kNone},
    {"rire", "ris ris rit rions riez rient", "ri", "laugh laughed laughed laughing", "", kHuman, kNone},
    {"pleurer", "pleure pleures pleure pleurons pleurez pleurent", "pleuré", "cry cried cried crying", "", kHuman, kNone},
    {"nager", "nage nages nage nageons nagez nagent", "nagé", "swim swam swum swimming", "", kAnimate, kNone},
    {"partir", "pars pars part partons partez partent", "parti", "leave left left leaving", "", kHuman, kNone, true},
    {"arriver", "arrive arrives arrive arrivons arrivez arrivent", "arrivé", "arrive arrived arrived arriving", "", kHuman, kNone, true},
    {"rester", "reste restes reste restons restez restent", "resté", "stay stayed stayed staying", "", kAnimate, kNone, true},
    {"tomber", "tombe tombes tombe tombons tombez tombent", "tombé", "fall fell fallen falling", "", kAnimate, kNone, true},

    {"voir", "vois vois voit voyons voyez voient", "vu", "see saw seen seeing", "", kAnimate, kSeen},
    {"aimer", "aime aimes aime aimons aimez aiment", "aimé", "love loved loved loving", "", kHuman, kSeen | kFood | kDrink},
    {"aider", "aide aides aide aidons aidez aident", "aidé", "help helped helped helping", "", kHuman, kHuman},
    {"attendre", "attends attends attend attendons attendez attendent", "attendu", "wait waited waited waiting", "for", kHuman, kHuman},
    {"chercher", "cherche cherches cherche cherchons cherchez cherchent", "cherché", "look looked looked looking", "for", kAnimate,
     kAnimate | kThing},
    {"regarder", "regarde regardes regarde regardons regardez regardent", "regardé", "watch watched watched watching", "", kAnimate,
     kAnimate | kSight},
    {"inviter", "invite invites invite invitons invitez invitent", "invité", "invite invited invited inviting", "", kHuman, kHuman},
    {"appeler", "appelle appelles appelle appelons appelez appellent", "appelé", "call called called calling", "", kHuman, kAnimate},
    {"connaître", "connais connais connaît connaissons connaissez connaissent", "connu", "know knew known knowing", "", kHuman,
     kHuman | kPlace},
    {"comprendre", "comprends comprends comprend comprenons comprenez comprennent", "compris",
     "understand understood understood understanding", "", kHuman, kHuman | kText},
    {"entendre", "entends entends entend entendons entendez entendent", "entendu", "hear heard heard hearing", "", kAnimate, kAnimate},
    {"trouver", "trouve trouves trouve trouvons trouvez trouvent", "trouvé", "find found found finding", "", kHuman,
     kAnimate | kThing | kText | kPlace},

    {"manger", "mange manges mange mangeons mangez mangent", "mangé", "eat ate eaten eating", "", kHuman, kFood},
    {"boire", "bois bois boit buvons buvez boivent", "bu", "drink drank drunk drinking", "", kHuman, kDrink},
    {"lire", "lis lis lit lisons lisez lisent", "lu", "read read read reading", "", kHuman, kText},
    {"écrire", "écris écris écrit écrivons écrivez écrivent", "écrit", "write wrote written writing", "", kHuman, kText},
    {"dessiner", "dessine dessines dessine dessinons dessinez dessinent", "dessiné", "draw drew drawn drawing", "", kHuman,
     kAnimal | kThing | kDoor | kPlace | kBody | kSight},
    {"ouvrir", "ouvre ouvres ouvre ouvrons ouvrez ouvrent", "ouvert", "open opened opened opening", "", kHuman, kDoor},
    {"fermer", "ferme fermes ferme fermons fermez ferment", "fermé", "close closed closed closing", "", kHuman, kDoor},
    {"acheter", "achète achètes achète achetons achetez achètent", "acheté", "buy bought bought buying", "", kHuman, kGoods},
    {"prendre", "prends prends prend prenons prenez prennent", "pris", "take took taken taking", "", kHuman, kThing | kText | kRide},
    {"casser", "casse casses casse cassons cassez cassent", "cassé", "break broke broken breaking", "", kHuman, kThing | kDoor},
    {"couper", "coupe coupes coupe coupons coupez coupent", "coupé", "cut cut cut cutting", "", kHuman, kFood},
    {"perdre", "perds perds perd perdons perdez perdent", "perdu", "lose lost lost losing", "", kHuman, kThing | kText},
    {"jeter", "jette jettes jette jetons jetez jettent", "jeté", "throw threw thrown throwing", "", kHuman, kThing},
    {"laver", "lave laves lave lavons lavez lavent", "lavé", "wash washed washed washing", "", kHuman, kThing | kDoor},
    {"faire", "fais fais fait faisons faites font", "fait", "make made made making", "", kHuman, kFood},
    {"poser", "pose poses pose posons posez posent", "posé", "put put put putting", "", kHuman, kNone},
    {"mettre", "mets mets met mettons mettez mettent", "mis", "put put put putting", "", kHuman, kNone},

    {"donner", "donne donnes donne donnons donnez donnent", "donné", "give gave given giving", "", kHuman, kNone},
    {"raconter", "raconte racontes raconte racontons racontez racontent", "raconté", "tell told told telling", "", kHuman, kStory},
    {"montrer", "montre montres montre montrons montrez montrent", "montré", "show showed shown showing", "", kHuman,
     kText | kThing | kBody},
    {"rendre", "rends rends rend rendons rendez rendent", "rendu", "return returned returned returning", "", kHuman, kNone},
    {"vendre", "vends vends vend vendons vendez vendent", "vendu", "sell sold sold selling", "", kHuman, kGoods},
    {"apporter", "apporte apportes apporte apportons apportez apportent", "apporté", "bring brought brought bringing", "", kHuman, kGoods},
    {"parler", "parle parles parle parlons parlez parlent", "parlé", "speak spoke spoken speaking", "", kHuman, kNone},
    {"répondre", "réponds réponds répond répondons répondez répondent", "répondu", "answer answered answered answering", "", kHuman, kNone},
    {"penser", "pense penses pense pensons pensez pensent", "pensé", "think thought thought thinking", "", kHuman, kNone},
    {"passer", "passe passes passe passons passez passent", "passé", "go went gone going", "", kHuman, kNone, true},
    {"prier", "prie pries prie prions priez prient", "prié", "pray prayed prayed praying", "", kHuman, kNone},
    {"changer", "change changes change changeons changez changent", "changé", "change changed changed changing", "", kHuman, kNone},
    {"coûter", "coûte coûtes coûte coûtons coûtez coûtent", "coûté", "cost cost cost costing", "", kThing, kNone},
    {"manquer", "manque manques manque manquons manquez manquent", "manqué", "miss missed missed missing", "", kHuman, kRide},
    {"tourner", "tourne tournes tourne tournons tournez tournent", "tourné", "turn turned turned turning", "", kHuman, kNone},
    {"dire", "dis dis dit disons dites disent", "dit", "say said said saying", "", kHuman, kNone},

    {"être", "suis es est sommes êtes sont", "été", "be was been being", "", kHuman, kNone},
    {"avoir", "ai as a avons avez ont", "eu", "have had had having", "", kHuman, kThing},
    {"aller", "vais vas va allons allez vont", "allé", "go went gone going", "", kHuman, kNone, true},
    {"venir", "viens viens vient venons venez viennent", "venu", "come came come coming", "", kHuman, kNone, true},
    {"pouvoir", "peux peux peut pouvons pouvez peuvent", "pu", "can could been being", "", kHuman, kNone},
    {"devoir", "dois dois doit devons devez doivent", "dû", "must must must must", "", kHuman, kNone},
    {"vouloir", "veux veux veut voulons voulez veulent", "voulu", "want wanted wanted wanting", "", kHuman, kNone},
};

constexpr PrepositionalVerb kPrepositionalVerbs[] = {
    {"parler", "de", "about", kIdea | kBody},
    {"penser", "à", "about", kIdea | kSight | kBody},
    {"parler", "à", "to", kHuman},
    {"parler", "de", "about", kHuman | kText | kIdea},
    {"penser", "à", "about", kHuman | kIdea},
    {"répondre", "à", "", kHuman},
    {"jouer", "avec", "with", kAnimate},
    {"danser", "avec", "with", kHuman},
    {"rire", "avec", "with", kHuman},
    {"marcher", "avec", "with", kAnimate},
    {"venir", "avec", "with", kHuman},
    {"partir", "avec", "with", kHuman},
    {"partir", "sans", "without", kHuman | kThing},
    {"arriver", "avec", "with", kAnimate | kThing},
    {"travailler", "pour", "for", kHuman},
    {"chanter", "pour", "for", kHuman},
    {"passer", "par", "through", kPlace | kDoor},
    {"passer", "devant", "past", kPlace},
    {"tourner", "devant", "in front of", kPlace},
    {"tomber", "devant", "in front of", kPlace | kDoor},
    {"nager", "avec", "with", kHuman},
};

constexpr PrepositionalVerb kGivingVerbs[] = {
    {"donner", "à", "to", kGoods, kHuman},   {"montrer", "à", "to", kText | kThing | kAnimal | kBody, kHuman},
    {"raconter", "à", "to", kStory, kHuman}, {"vendre", "à", "to", kGoods | kAnimal, kHuman},
    {"apporter", "à", "to", kGoods, kHuman}, {"rendre", "à", "to", kThing | kText, kHuman},
};

constexpr PrepositionalVerb kPlacingVerbs[] = {
    {"poser", "sur", "on", kGoods, kSurface},  {"poser", "sous", "under", kThing, kSurface},
    {"mettre", "sur", "on", kGoods, kSurface}, {"mettre", "près de", "near", kThing, kSurface | kDoor},
    {"mettre", "dans", "in", kGoods, kPlace},
};

constexpr Helper kPlainHelpers[] = {
    {"pouvoir", "", "can", "", 0},
    {"devoir", "", "must", "", 0},
    {"vouloir", "", "want", "to", 0},
    {"aller", "", "be", "going to", 0},
};
constexpr Helper kJustDone = {"venir", "de", "have", "just", 2};
constexpr Helper kInProgress = {"être", "en train de", "be", "", 3};

constexpr Determiner kDeterminers[] = {
    {"le", "la", "les", "the", "the"},
    {"le", "la", "les", "the", "the"},
    {"un", "une", "des", "a", "some"},
    {"un", "une", "des", "a", "some"},
    {"ce", "cette", "ces", "this", "these"},
    {"mon", "ma", "mes", "my", "my", true},
    {"ton", "ta", "tes", "your", "your", true},
    {"notre", "notre", "nos", "our", "our", true},
    {"votre", "votre", "vos", "your", "your", true},
};

constexpr Determiner kPossessives[] = {
    {"mon", "ma", "mes", "my", "my", true},          {"ton", "ta", "tes", "your", "your", true},
    {"son", "sa", "ses", "his", "his", true},        {"notre", "notre", "nos", "our", "our", true},
    {"votre", "votre", "vos", "your", "your", true}, {"leur", "leur", "leurs", "their", "their", true},
};

constexpr Pair kNumbers[] = {{"deux", "two"},  {"trois", "three"}, {"quatre", "four"},
                             {"cinq", "five"}, {"dix", "ten"},     {"vingt", "twenty"}};

constexpr Negation kNegations[] = {
    {"pas", "not", {}},
    {"pas", "not", {}},
    {"jamais", "never", {}},
    {"plus", "no longer", {}},
    {"rien", "", {"", "nothing"}},
    {"", "", {"personne", "nobody"}},
};

constexpr Pair kPlacePrepositions[] = {
    {"dans", "in"}, {"dans", "in"}, {"devant", "in front of"}, {"derrière", "behind"}, {"près de", "near"},
};

constexpr Pair kTimes[] = {
    {"demain", "tomorrow"},         {"aujourd'hui", "today"},      {"maintenant", "now"},           {"ce soir", "this evening"},
    {"le matin", "in the morning"}, {"le dimanche", "on Sundays"}, {"tous les jours", "every day"},
};

constexpr Pair kPastTimes[] = {
    {"hier", "yesterday"},
    {"hier soir", "last night"},
    {"ce matin", "this morning"},
    {"aujourd'hui", "today"},
};

constexpr Pair kSettings[] = {
    {"ici", "here"},
    {"là-bas", "over there"},
    {"en hiver", "in winter"},
    {"en été", "in summer"},
    {"en automne", "in autumn"},
    {"en ville", "in town"},
    {"en France", "in France"},
    {"en Italie", "in Italy"},
    {"en Angleterre", "in England"},
    {"en mai", "in May"},
    {"en juin", "in June"},
    {"à Paris", "in Paris"},
    {"à Lyon", "in Lyon"},
};

constexpr PrepositionalVerb kManners[] = {
    {"dormir", "pendant une heure", "for an hour"},
    {"nager", "pendant une heure", "for an hour"},
    {"jouer", "pendant deux heures", "for two hours"},
    {"travailler", "pendant dix ans", "for ten years"},
    {"chanter", "pendant vingt ans", "for twenty years"},
    {"danser", "pendant trois heures", "for three hours"},
    {"dormir", "bien", "well"},
    {"dormir", "mal", "badly"},
    {"dormir", "beaucoup", "a lot"},
    {"dormir", "en paix", "in peace"},
    {"chanter", "bien", "well"},
    {"chanter", "mal", "badly"},
    {"chanter", "beaucoup", "a lot"},
    {"danser", "bien", "well"},
    {"danser", "mal", "badly"},
    {"danser", "en silence", "in silence"},
    {"courir", "vite", "quickly"},
    {"courir", "beaucoup", "a lot"},
    {"marcher", "vite", "quickly"},
    {"marcher", "lentement", "slowly"},
    {"marcher", "en silence", "in silence"},
    {"nager", "bien", "well"},
    {"nager", "lentement", "slowly"},
    {"nager", "vite", "quickly"},
    {"jouer", "bien", "well"},
    {"jouer", "mal", "badly"},
    {"jouer", "en silence", "in silence"},
    {"travailler", "bien", "well"},
    {"travailler", "lentement", "slowly"},
    {"travailler", "beaucoup", "a lot"},
    {"rire", "beaucoup", "a lot"},
    {"pleurer", "beaucoup", "a lot"},
    {"pleurer", "en silence", "in silence"},
    {"rire", "en secret", "in secret"},
    {"pleurer", "en secret", "in secret"},
};

constexpr Pair kVocatives[] = {
    {"monsieur", "sir"}, {"madame", "madam"},  {"docteur", "doctor"}, {"mon ami", "my friend"},    {"ma sœur", "my sister"},
    {"Paul", "Paul"},    {"Pierre", "Pierre"}, {"Marc", "Marc"},      {"Louis", "Louis"},          {"Marie", "Marie"},
    {"Julie", "Julie"},  {"Sophie", "Sophie"}, {"Alice", "Alice"},    {"mon frère", "my brother"}, {"les enfants", "children"},
};

constexpr Pair kConjunctions[] = {
    {"et", "and"}, {", mais", ", but"}, {"parce que", "because"}, {"quand", "when"}, {"pendant que", "while"}, {"si", "if"},
};

constexpr Pair kQuestionWords[] = {
    {"où", "where"}, {"quand", "when"}, {"pourquoi", "why"}, {"comment", "how"}, {"avec qui", "with whom"},
};

constexpr VerbIdiom kVerbIdioms[] = {
    {"avoir", "faim", "be hungry", kAnimate},
    {"avoir", "soif", "be thirsty", kAnimate},
    {"avoir", "froid", "be cold", kAnimate},
    {"avoir", "chaud", "be hot", kAnimate},
    {"avoir", "peur", "be afraid", kAnimate},
    {"avoir", "sommeil", "be sleepy", kAnimate},
    {"avoir", "raison", "be right"},
    {"avoir", "honte", "be ashamed"},
    {"avoir", "de la chance", "be lucky"},
    {"avoir", "besoin {de}", "need {it}", kHuman, kThing | kText | kHuman},
    {"avoir", "envie {de}", "long for {it}", kHuman, kFood | kDrink | kThing},
    {"avoir", "peur {de}", "be afraid of {it}", kAnimate, kAnimate},
    {"avoir", "mal à la tête", "have a headache"},
    {"avoir", "mal aux dents", "have a toothache"},
    {"avoir", "le cafard", "feel blue"},
    {"avoir", "un chat dans la gorge", "have a frog in {his} throat"},
    {"avoir", "du pain sur la planche", "have a lot to do"},
    {"avoir", "un poil dans la main", "be very lazy"},
    {"avoir", "la main verte", "have a green thumb"},
    {"avoir", "vingt ans", "be twenty years old"},
    {"avoir", "dix ans", "be ten years old"},
    {"être", "dans la lune", "daydream"},
    {"faire", "la queue", "stand in line"},
    {"faire", "la tête", "sulk"},
    {"faire", "{ses} valises", "pack {his} bags"},
    {"faire", "la grasse matinée", "sleep late"},
    {"faire", "peur {à}", "frighten {him}", kAnimate},
    {"rendre", "visite {à}", "visit {him}"},
    {"prendre", "un verre", "have a drink"},
    {"prendre", "la mouche", "take offense"},
    {"prendre", "le petit déjeuner", "have breakfast"},
    {"mettre", "la table", "set the table"},
    {"mettre", "les pieds dans le plat", "put {his} foot in it"},
    {"perdre", "la tête", "go mad"},
    {"tomber", "dans les pommes", "faint"},
    {"tomber", "du ciel", "come out of nowhere"},
    {"tourner", "la page", "move on"},
    {"poser", "une question {à}", "ask {him} a question"},
    {"poser", "un lapin {à}", "stand {him} up"},
    {"donner", "un coup de main {à}", "lend {him} a hand"},
    {"donner", "{sa} langue au chat", "give up"},
    {"casser", "les pieds {à}", "annoy {him}"},
    {"raconter", "des salades", "talk nonsense"},
    {"appeler", "un chat un chat", "call a spade a spade"},
    {"voir", "la vie en rose", "look on the bright side"},
    {"jeter", "l' argent par les fenêtres", "throw money down the drain"},
    {"chercher", "la petite bête", "split hairs"},
    {"coûter", "les yeux de la tête", "cost an arm and a leg", kThing},
};

constexpr Pair kClauseIdioms[] = {
    {"il pleut des cordes", "it is pouring"},
    {"il fait froid", "it is cold"},
    {"il fait chaud", "it is hot"},
    {"il fait beau", "the weather is nice"},
    {"il fait nuit", "it is dark"},
    {"ça ne fait rien", "it does not matter"},
    {"c' est du gâteau", "it is a piece of cake"},
    {"ce n' est pas la mer à boire", "it is not that hard"},
    {"les carottes sont cuites", "it is all over"},
    {"c' est la vie", "such is life"},
};

constexpr Pair kReplyIdioms[] = {
    {"je vous en prie", "you are welcome"}, {"de rien", "do not mention it"},       {"à table", "dinner is ready"},
    {"bon appétit", "enjoy your meal"},     {"à tout à l' heure", "see you later"}, {"ça y est", "it is done"},
    {"bonne nuit", "sleep well"},           {"à demain", "see you tomorrow"},
};

constexpr Pair kAdverbIdioms[] = {
    {"tout de suite", "right away"},
    {"de temps en temps", "from time to time"},
    {"à la maison", "at home"},
};

constexpr Pair kOpeningIdioms[] = {{"bien sûr", "of course"}, {"tout à coup", "suddenly"}};

constexpr Pair kObjectIdioms[] = {
    {"des pommes de terre", "some potatoes"}, {"les pommes de terre", "the potatoes"}, {"une pomme de terre", "a potato"}};

} // namespace

std::span<const Noun> nouns() { return kNouns; }
std::span<const Name> names() { return kNames; }
std::span<const Adjective> adjectives() { return kAdjectives; }
std::span<const Verb> verbs() { return kVerbs; }
std::span<const PrepositionalVerb> prepositional_verbs() { return kPrepositionalVerbs; }
std::span<const PrepositionalVerb> giving_verbs() { return kGivingVerbs; }
std::span<const PrepositionalVerb> placing_verbs() { return kPlacingVerbs; }
std::span<const Helper> plain_helpers() { return kPlainHelpers; }
const Helper& just_done() { return kJustDone; }
const Helper& in_progress() { return kInProgress; }
std::span<const Determiner> determiners() { return kDeterminers; }
std::span<const Determiner> possessives() { return kPossessives; }
std::span<const Pair> numbers() { return kNumbers; }
std::span<const Negation> negations() { return kNegations; }
std::span<const Pair> place_prepositions() { return kPlacePrepositions; }
std::span<const Pair> times() { return kTimes; }
std::span<const Pair> past_times() { return kPastTimes; }
std::span<const Pair> settings() { return kSettings; }
std::span<const PrepositionalVerb> manners() { return kManners; }
std::span<const Pair> vocatives() { return kVocatives; }
std::span<const Pair> conjunctions() { return kConjunctions; }
std::span<const Pair> question_words() { return kQuestionWords; }
std::span<const VerbIdiom> verb_idioms() { return kVerbIdioms; }
std::span<const Pair> clause_idioms() { return kClauseIdioms; }
std::span<const Pair> reply_idioms() { return kReplyIdioms; }
std::span<const Pair> adverb_idioms() { return kAdverbIdioms; }
std::span<const Pair> opening_idioms() { return kOpeningIdioms; }
std::span<const Pair> object_idioms() { return kObjectIdioms; }

} // namespace nmt::lexicon
