"""Names and technical words that the G2P does not know and guesses wrong, as Americans say them."""

from __future__ import annotations

from typing import Final


def _table(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


FIRST_NAMES: Final = _table(
    """
    Aaliyah əlˈiə          Aarav ˈɑɹɑv            Agnieszka ɑɡnjˈɛʃkə    Ahmed ˈɑmɛd            Aisha Iˈiʃə
    Alasdair ˈæləstəɹ      Alejandro ˌɑləhˈɑndɹO  Alejandra ˌɑləhˈɑndɹə  Alessandra ˌæləsˈɑndɹə
    Alessandro ˌæləsˈɑndɹO Alistair ˈæləstəɹ      Althea ælθˈiə          Amitabh əmˈɪtɑb
    Anais ˌɑnɑˈis          Ananya ənˈʌnjə         Andre ˈɑndɹA           Andrea ˈændɹiə
    Andres ɑndɹˈAs         Angharad æŋhˈæɹəd      Anthea ˈænθiə          Antoine æntwˈɑn        Aoife ˈifə
    Arjun ˈɑɹʤun           Beatriz bˌAətɹˈis      Brigid bɹˈɪʤɪd         Caius kˈIəs
    Calista kəlˈɪstə       Caoimhe kwˈivə         Camille kəmˈil         Celine səlˈin
    Cerys kˈɛɹɪs           Cesar sˈAzɑɹ           Charlize ʃɑɹlˈiz       Chiara kiˈɑɹə
    Chimamanda ʧˌimɑmˈɑndə Chloe klˈOi            Chloé klˈOi            Ciara siˈɛɹə
    Cillian kˈɪliən        Dafydd dˈævɪð          Declan dˈɛklən         Deepika dˈipɪkə
    Dmitri dəmˈitɹi        Dmitry dəmˈitɹi        Dominique dˌɑmənˈik    Dylan dˈɪlən           Eamon ˈAmən
    Eilidh ˈAli            Eimear ˈimɪɹ           Elena ˈɛlənə           Eloise ˈɛlOˌiz
    Enrique ɛnɹˈikA        Eoin ˈOən              Esteban ˈɛstəbˌɑn      Evan ˈɛvən             Ewan jˈuən
    Fionn fjˈʌn            Francesca fɹænʧˈɛskə   Francois fɹɑnswˈɑ      François fɹɑnswˈɑ
    Friedrich fɹˈidɹɪk     Gabriela ɡˌɑbɹiˈɛlə    Geoffrey ʤˈɛfɹi        Gianni ʤˈɑni
    Giovanna ʤOvˈɑnə       Giovanni ʤOvˈɑni       Giulia ʤˈuliə          Giuseppe ʤusˈɛpi
    Grainne ɡɹˈɔnjə        Gráinne ɡɹˈɔnjə        Guillermo ɡijˈɛɹmO     Hamish hˈAmɪʃ
    Haruki hɑɹˈuki         Hayao hˈɑjW            Heike hˈIkə            Heinrich hˈInɹɪk
    Hermione həɹmˈIəni     Hiroshi hɪɹˈOʃi        Iain ˈiən              Ichiro ˈiʧɪɹO
    Ignacio ɪɡnˈɑsiO       Ines inˈɛs             Ingrid ˈɪŋɡɹɪd         Inigo ˈɪnɪɡO           Ioan jˈOən
    Isabel ˈɪzəbˌɛl        Itzel ɪtsˈɛl           Jacques ʒˈɑk           Jaime hˈImA
    Jakub jˈɑkub           Jaroslaw jˈɑɹəslɑf     Javier hɑviˈɛɹ         Jimena himˈAnə         Jiri jˈɪɹi
    Joao ʒuˈW              João ʒuˈW              Joaquin wɑkˈin         Joaquín wɑkˈin
    Johann jˈOhɑn          Johannes jOhˈɑnəs      Jorge hˈɔɹhA           Jose hOzˈA             José hOzˈA
    Juan wˈɑn              Julio hˈuliO           Jurgen jˈɜɹɡən         Jürgen jˈɜɹɡən
    Kaitlyn kˈAtlɪn        Katarzyna kˌɑtəʒˈɪnə   Khadija kədˈiʤə        Krzysztof kʃˈɪʃtɔf
    Kwame kwˈɑmA           Leila lˈAlə            Lorenzo lɔɹˈɛnzO       Lucia lusˈiə           Luis luˈis
    Lukasz lˈukɑʃ          Lupita lupˈiTə         Malgorzata mˌɑlɡɔʒˈɑtə Mahershala məhˈɜɹʃələ
    Mairead məɹˈAd         Manuel mˌɑnuˈɛl        Marie məɹˈi            Matteo mətˈAO
    Mhairi vˈɑɹi           Michel mɪʃˈɛl          Miguel mɪɡˈɛl          Mikhail mˌikɑˈil
    Mohammed mOhˈɑməd      Natasha nətˈɑʃə        Nevaeh nəvˈAə          Niamh nˈiv
    Nicolas nˈɪkələs       Nikolai nˈɪkəlI        Noelle nOˈɛl           Nnamdi nˈɑmdi
    Padraig pˈɔdɹɪɡ        Paulo pˈWlO            Pavel pˈɑvəl           Pedro pˈAdɹO
    Philippe fəlˈip        Pierre piˈɛɹ           Pietro piˈɛtɹO         Piotr pjˈOtəɹ
    Quvenzhane kwəvˈɛnʒənA Rafael ɹˌɑfIˈɛl        Rajesh ɹəʤˈɛʃ          Ramesh ɹəmˈɛʃ          Rami ɹˈɑmi
    Raul ɹɑˈul             Renee ɹənˈA            Renée ɹənˈA            Rhys ɹˈis
    Rodrigo ɹɑdɹˈiɡO       Roisin ɹOʃˈin          Róisín ɹOʃˈin          Ronan ɹˈOnən
    Sachin sˈɑʧɪn          Saoirse sˈɜɹʃə         Satya sˈʌtjə           Seamus ʃˈAməs          Sean ʃˈɔn
    Seán ʃˈɔn              Sergei sɛɹɡˈA          Sergey sɛɹɡˈA          Sergio sˈɜɹʤiO
    Shohei ʃˈOhA           Sian ʃˈɑn              Sinead ʃɪnˈAd          Sinéad ʃɪnˈAd
    Siobhan ʃəvˈɔn         Siobhán ʃəvˈɔn         Silas sˈIləs           Simone sɪmˈOn          Sipho sˈipO
    Sophia sOfˈiə          Sorcha sˈɔɹəkə         Stanislaw stˈænɪslɑf   Suresh sʊɹˈɛʃ          Tadhg tˈIɡ
    Tatiana tˌɑtiˈɑnə      Thabo tˈɑbO            Thaddeus θˈædiəs       Thiago tiˈɑɡO
    Timothee tˈɪməθi       Timothée tˈɪməθi       Tomasz tˈOmɑʃ          Tutankhamun tˌutɑŋkˈɑmən
    Uche ˈuʧA              Ursula ˈɜɹsələ         Uwe ˈuvə               Vaclav vˈɑtslɑf        Vijay vˈiʤA
    Vincenzo vɪnʧˈɛnzO     Virat vɪɹˈɑt           Vivek vɪvˈAk           Wilhelm vˈɪlhɛlm
    Wojciech vˈYʧɛk        Xanthe zˈænθi          Ximena hɪmˈAnə         Xochitl sˈOʧil         Yann jˈɑn
    Ynez inˈɛz             Yusuf jˈusəf           Zainab zˈAnɑb          Zbigniew zbˈɪɡnjɛf     Zoë zˈOi
    """
)
LAST_NAMES: Final = _table(
    """
    Abdullah æbdˈʌlə       Achebe əʧˈAbA          Acosta əkˈɔstə         Adichie ədˈiʧiA
    Aguilar ˌɑɡilˈɑɹ       Alcaraz ˌælkəɹˈɑz      Almodovar ˌælmədˈOvɑɹ  Alvarez ˈælvəɹˌɛz
    Antetokounmpo ˌɑntəTəkˈumpO                   Bachchan bˈʌʧən        Banerjee bˈænəɹʤi
    Basquiat bˈɑskiɑ       Baudelaire bˌOdəlˈɛɹ   Beauchamp bˈiʧəm       Beethoven bˈAtOvən
    Bengio bˈɛnʤiO         Berlioz bˈɛɹliOz       Bezos bˈAzOs           Bizet bizˈA
    Bolsonaro bˌOlsənˈɑɹO  Borges bˈɔɹhɛs         Brzezinski bɹəʒˈɪnski  Buttigieg bˈuTɪʤɪʤ     Camus kæmˈu
    Castillo kæstˈijO      Cauchy kOʃˈi           Cezanne sAzˈæn         Cézanne sAzˈæn
    Chalamet ʃˌæləmˈA      Chekhov ʧˈɛkɔf         Cheung ʧˈʌŋ            Cholmondeley ʧˈʌmli
    Chopin ʃˈOpæn          Corbusier kɔɹbˌuziˈA   Cortez kɔɹtˈɛz         Cuaron kwɑɹˈOn
    Cuarón kwɑɹˈOn         Daenerys dənˈɛɹɪs      Dalziel diˈɛl          Debussy dˌɛbjusˈi      Degas dəɡˈɑ
    Diaz dˈiɑz             Djokovic ʤˈOkəvɪʧ      Doncic dˈɑnʧɪʧ         Dostoevsky dˌɑstəjˈɛfski
    Dostoyevsky dˌɑstəjˈɛfski                     Dvorak dvˈɔɹʒɑk        Dvořák dvˈɔɹʒɑk
    Ejiofor ˈɛʤiəfɔɹ       Erdogan ˈɛɹdəwɑn       Erdos ˈɛɹdəʃ           Euler ˈYləɹ            Favre fˈɑɹv
    Featherstonhaugh fˈænʃˌɔ                      Fermat fɛɹmˈɑ          Foucault fukˈO
    Fourier fˈʊɹiA         Freud fɹˈYd            Galois ɡælwˈɑ          Gandhi ɡˈɑndi
    Gauguin ɡOɡˈæn         Gaudi ɡˈWdi            Gaudí ɡˈWdi            Gebru ɡˈɛbɹu
    Geralt ɡˈɛɹəlt         Ghibli ʤˈɪbli          Godel ɡˈɜɹdᵊl          Gödel ɡˈɜɹdᵊl
    Goethe ɡˈɜɹTə          Gonzalez ɡənzˈɑlɛz     Gruffudd ɡɹˈɪfɪð       Guo ɡwˈɔ
    Gutierrez ɡutjˈɛɹɛz    Gyllenhaal ʤˈɪlənhɔl   Haydn hˈIdᵊn           Hegel hˈAɡəl
    Hernandez həɹnˈændɛz   Hoang hwˈɑŋ            Hsu ʃˈu                Huang hwˈɑŋ
    Hussein husˈAn         Huygens hˈIɡənz        Huynh hwˈɪn            Ibanez ibˈɑnjɛz
    Ibrahimovic ˌibɹəhˈimOvɪʧ                     Inarritu ɪnjˈɑɹɪtu     Iñárritu ɪnjˈɑɹɪtu
    Ishiguro ˌiʃɪɡˈʊɹO     Jacobi ʤəkˈObi         Jimenez himˈAnɛz       Jinping ʤɪnpˈɪŋ
    Jokic jˈOkɪʧ           Kaepernick kˈæpəɹnɪk   Khaleesi kəlˈisi       Knuth kənˈuθ
    Kobayashi kˌObəjˈɑʃi   Koenig kˈAnɪɡ          Kohli kˈOli            Kowalski kəwˈɔlski
    Krzyzewski ʃəʃˈɛfski   Lagrange ləɡɹˈɑnʒ      Laplace ləplˈɑs        Leclerc ləklˈɛɹ
    Leibniz lˈIbnɪts       Lewandowski lˌɛvəndˈɔfski                     Leyen lˈIən            Liu ljˈu
    Macron məkɹˈOn         Manet mænˈA            Marquez mɑɹkˈɛz        Márquez mɑɹkˈɛz
    Matisse mətˈis         Mbappe əmbˈɑpA         Mbappé əmbˈɑpA         Milei mɪlˈA
    Miyazaki mˌijəzˈɑki    Mnuchin mənˈuʃɪn       Modric mˈOdɹɪʧ         Moliere mOljˈɛɹ
    Molière mOljˈɛɹ        Monet mOnˈA            Mozart mˈOtsɑɹt        Mugabe muɡˈɑbi
    Mukherjee mˈukəɹʤi     Munoz munjˈOz          Muñoz munjˈOz          Murakami mˌʊɹəkˈɑmi
    Nabokov nəbˈɔkəf       Nadal nədˈɑl           Nadella nədˈɛlə        Nakamura nˌɑkəmˈʊɹə
    Navalny nəvˈɑlni       Nehru nˈAɹu            Neymar nAmˈɑɹ          Nguyen wˈɪn            Nguyễn wˈɪn
    Nkrumah ənkɹˈumə       Noether nˈɜɹTəɹ        Nowak nˈOvæk           Nunez nˈunjɛz
    Ocasio OkˈɑsiO         Ohtani OtˈɑnI          Okonkwo OkˈɑŋkwO       Pelosi pəlˈOsi
    Perez pˈɛɹɛz           Pham fˈɑm              Pichai pɪʧˈI           Poisson pwɑsˈOn
    Proust pɹˈust          Puccini puʧˈini        Putin pˈutᵊn           Qian ʧjˈɛn
    Rachmaninoff ɹɑkmˈɑnɪnɔf                      Raikkonen ɹˈIkənən     Ramanujan ɹɑmˈɑnuʤən
    Ramaswamy ɹˌɑməswˈɑmi  Ramirez ɹəmˈɪɹɛz       Rimbaud ɹæmbˈO         Roethlisberger ɹˈɔθləsbˌɜɹɡəɹ
    Rousseau ɹusˈO         Sanchez sˈænʧɛz        Sartre sˈɑɹtɹə         Scholz ʃˈOlts
    Schrodinger ʃɹˈOdɪŋəɹ  Schrödinger ʃɹˈOdɪŋəɹ  Schroeder ʃɹˈAdəɹ      Schroder ʃɹˈOdəɹ
    Scorsese skɔɹsˈAzi     Shakira ʃəkˈɪɹə        Shyamalan ʃˈɑməlɑn     Smaug smˈWɡ
    Solzhenitsyn sˌOlʒənˈitsɪn                    Sotomayor sˌOTOmIˈɔɹ   Sunak sˈunɑk
    Swiatek ʃvjˈɔntɛk      Tagovailoa tˌʌŋOvIlˈOə Tanaka tənˈɑkə         Targaryen tɑɹɡˈɛɹiən
    Tchaikovsky ʧIkˈɔfski  Tendulkar tɛndˈulkəɹ   Theron θˈɛɹən          Tolstoy tˈOlstY
    Trudeau tɹudˈO         Velazquez vəlˈɑskɛz    Velázquez vəlˈɑskɛz    Villanueva vˌiɑnwˈAvə
    Villeneuve vˌilnˈʊv    Vivaldi vɪvˈɑldi       Watanabe wˌɑtənˈɑbi    Weierstrass vˈIəɹstɹˌɑs
    Wittgenstein vˈɪtɡənʃtˌIn                     Wojcik vˈYʧɪk          Wozniak wˈɑzniæk       Xi ʃˈi
    Xiao ʃˈW               Xiaoping ʃWpˈɪŋ        Xin ʃˈɪn               Xiong ʃˈɔŋ             Xu ʃˈu
    Zedong zədˈʊŋ          Zelenskyy zəlˈɛnski    Zelensky zəlˈɛnski     Zhang ʤˈɑŋ             Zhao ʤˈW
    Zheng ʤˈʌŋ             Zuckerberg zˈʌkəɹbˌɜɹɡ
    """
)
PLACES: Final = _table(
    """
    Abu ˈɑbu               Adirondack ˌædəɹˈɑndæk Anacostia ˌænəkˈɔstiə  Asuncion ˌɑsunsiˈOn    Aviv əvˈiv
    Bakhmut bɑkmˈut        Beaulieu bˈOlu         Belvoir bˈivəɹ         Berwick bˈɛɹɪk         Bexar bˈɛɹ
    Boerne bˈɜɹni          Bogota bˌOɡətˈɑ        Bogotá bˌOɡətˈɑ        Busan busˈɑn
    Cahuenga kəwˈɛŋɡə      Cancun kænkˈun         Cancún kænkˈun         Chien ʃˈin
    Chisinau kˌiʃɪnˈW      Dhabi dˈɑbi            Dusseldorf dˈʊsəldˌɔɹf Düsseldorf dˈʊsəldˌɔɹf
    Elysees ˌAlizˈA        Élysées ˌAlizˈA        Erbil ɛɹbˈil           Figueroa fˌɪɡəɹˈOə
    Gdansk ɡədˈænsk        Gdańsk ɡədˈænsk        Gruene ɡɹˈin           Holborn hˈObəɹn        Itza ˈitsə
    Jacinto həsˈɪntO       Janeiro ʒənˈɛɹO        Jolla hˈYə             Keighley kˈiθli
    Kharkiv kˈɑɹkiv        Kherson kɛɹsˈɔn        Krakow kɹˈɑkW          Kraków kɹˈɑkW          Kyiv kˈiv
    Laoghaire lˈɪɹi        Lodz lˈɔʤ              Łódź wˈuʤ              Lviv ləvˈiv            Lyon liˈOn
    Mackinac mˈækənɔ       Magdalen mˈɔdlən       Marin məɹˈɪn           Marrakesh mˌæɹəkˈɛʃ
    Marylebone mˈɑɹləbən   Mauna mˈWnə            Medellin mˌɛdəjˈin     Medellín mˌɛdəjˈin
    Mexia məhˈAə           Mykolaiv mˌɪkOlˈIv     Natchitoches nˈækətəʃ  Ndjamena ənʤəmˈAnə
    Obispo əbˈɪspO         Ojai ˈOhI              Okeechobee ˌOkiʧˈObi   Phnom pənˈɑm
    Picchu pˈikʧu          Puyallup pjuˈæləp      Ramallah ɹəmˈɑlə       Raton ɹətˈOn
    Refugio ɹəfjˈuɹiO      Salzburg sˈɔlzbɜɹɡ     Schuylkill skˈukəl     Scituate sˈɪʧuət
    Secaucus sɪkˈɔkəs      Sepulveda səpˈʌlvədə   Southwark sˈʌðəɹk      Suisun səsˈun          Tahoe tˈɑhO
    Thessaloniki θˌɛsələnˈiki                     Tiananmen tjˈɛnənmən   Tiburon tˈɪbəɹɑn
    Tujunga təhˈʌŋɡə       Valencia vəlˈɛnsiə     Valparaiso vˌælpəɹˈIzO Waxahachie wˌɔksəhˈæʧi
    Whangarei fˌɑŋəɹˈA     Willamette wəlˈæmət    Wroclaw vɹˈɔtslɑf      Wrocław vɹˈɔtslɑf
    Yaounde jˌɑundˈA       Yosemite jOsˈɛmɪTi     Yreka wIɹˈikə          Ysidro isˈidɹO
    Yucatan jˌukətˈæn      Yucatán jˌukətˈæn      Zaporizhzhia zˌæpəɹˈiʒə
    Buenos bwˈAnəs         Aires ˈɛɹiz            Lumpur lʊmpˈʊɹ         Rafah ɹˈɑfə
    """
)
BRANDS: Final = _table(
    """
    Adidas ədˈidəs         Asus Asˈus             Audemars ˌOdəmˈɑɹ      Balenciaga bəlˌɛnsiˈɑɡə
    Beyonce biˈɑnsA        Beyoncé biˈɑnsA        Breguet bɹəɡˈA         Bulgari bˈʊlɡəɹi
    Bvlgari bˈʊlɡəɹi       Cartier kˌɑɹtiˈA       Chanel ʃənˈɛl          Citroen sˈɪtɹOən
    Citroën sˈɪtɹOən       Cthulhu kəθˈulu        Danone dənˈOn          Givenchy ʒivˈɑnʃi
    Gruyere ɡɹujˈɛɹ        Gruyère ɡɹujˈɛɹ        Heuer hˈYəɹ            Huawei wˈɑwA
    Hyundai hˈʌndA         Ikea Ikˈiə             Lancome lænkˈOm        Lancôme lænkˈOm
    Legolas lˈɛɡələs       Mjolnir mjˈOlnɪɹ       Moderna mədˈɜɹnə       Moet mOˈɛt             Moët mOˈɛt
    Moschino mɔskˈinO      Nestle nˈɛsli          Nestlé nˈɛsli          Naruto nəɹˈuTO
    Patek pətˈɛk           Peugeot pˈuʒO          Piguet piɡˈA           Pikachu pˈikəʧu
    Pokemon pˈOkAmɑn       Pokémon pˈOkAmɑn       Porsche pˈɔɹʃə         Renault ɹənˈO          Shein ʃˈiɪn
    Temu tˈimu             Uniqlo jˈunɪklO        Versace vəɹsˈɑʧi       Volkswagen vˈOkswˌæɡən
    Vuitton vwitˈɑn        Xiaomi ʃˈWmi           Zara zˈɑɹə             açaí ˌɑsɑˈi            acai ˌɑsɑˈi
    jalapeno hˌɑləpˈAnjO   jalapenos hˌɑləpˈAnjOz jalapeño hˌɑləpˈAnjO   jalapeños hˌɑləpˈAnjOz
    """
)
TECHNICAL: Final = _table(
    """
    Arduino ɑɹdwˈinO       IaaS ˈIæs              PaaS pˈæs              README ɹˈidmi
    Debian dˈɛbiən         Deno dˈinO             GitHub ɡˈɪthˌʌb        GitLab ɡˈɪtlˌæb
    Golang ɡˈOlæŋ          HuggingFace hˈʌɡɪŋ_fˈAs                       Jupyter ʤˈupɪTəɹ
    Kubernetes kˌubəɹnˈɛTiz                       NoSQL nˌOsˈikwəl       NumPy nˈʌmpI
    OpenAI ˈOpən_ˌAˈI      PostgreSQL pˈOstɡɹɛs_kjˌuˈɛl                  Postgres pˈOstɡɹɛs
    Redis ɹˈɛdɪs           SciPy sˈIpI            SQLite ˌɛskjˌuˈɛl_lˈIt TOML tˈɑməl
    TypeScript tˈIpskɹˌɪpt Vite vˈit              nginx ˌɛnʤənˈɛks       args ˈɑɹɡz
    async ˈAsˌɪŋk          config kˈɑnfɪɡ         configs kˈɑnfɪɡz       emacs ˈimæks           enum ˈinəm
    enums ˈinəmz           kubectl kjˈub_kəntɹˌOl kwargs kwˈɑɹɡz         localhost lˈOkəl_hˌOst
    mutex mjˈutɛks         param pəɹˈæm           params pəɹˈæmz         stderr stˈændəɹd_ˈɛɹəɹ
    stdin stˈændəɹd_ˈɪn    stdout stˈændəɹd_ˈWt   sudo sˈudu             systemd sˈɪstəm_dˈi
    tuple tˈʌpᵊl           tuples tˈʌpᵊlz         varchar vˈɑɹkɑɹ        webpack wˈɛbpæk
    """
)

NAMES: Final = {**FIRST_NAMES, **LAST_NAMES, **PLACES, **BRANDS, **TECHNICAL}
"""By word: its symbols, "_" between spoken words. A capital is found in small letters too, unless those
are a word of their own."""

PHRASES: Final = {
    "Reading, Pennsylvania": ("ɹˈɛdɪŋ,", "pˌɛnsəlvˈAnjə"), "Reading, England": ("ɹˈɛdɪŋ,", "ˈɪŋɡlənd"),
    "poke bowl": ("pˈOkˌA", "bˈOl"), "poke bowls": ("pˈOkˌA", "bˈOlz"),
    "putting green": ("pˈʌTɪŋ", "ɡɹˌin"), "Boston Celtics": ("bˈɔstən", "sˈɛltɪks"),
    "L'Oreal": ("lˌɔɹiˈæl",), "L'Oréal": ("lˌɔɹiˈæl",), "Xi'an": ("ʃiˈɑn",),
    "Des Moines": ("də", "mˈYn"), "Coeur d'Alene": ("kˌɔɹ", "dəlˈAn"),
    "Sault Ste. Marie": ("sˈu", "sAnt", "məɹˈi"),
    "Sault Ste Marie": ("sˈu", "sAnt", "məɹˈi"), "Kim Jong Un": ("kˈɪm", "ʤˌɔŋ", "ˈun"),
    "Shinzo Abe": ("ʃˈɪnzO", "ˈɑbA"), "Notre Dame": ("nˌOTəɹ", "dˈAm"), "foie gras": ("fwˌɑ", "ɡɹˈɑ"),
    "hors d'oeuvres": ("ɔɹ", "dˈɜɹvz"), "hors d'oeuvre": ("ɔɹ", "dˈɜɹv"), "banh mi": ("bˈɑn", "mˌi"),
    "Edvard Munch": ("ˈɛdvɑɹd", "mˈʊŋk"), "Richard Wagner": ("ɹˈɪʧəɹd", "vˈɑɡnəɹ"), "Le Mans": ("lə", "mˈɑn"),
    "Saint-Saens": ("sæn_sˈɑns",), "Machu Picchu": ("mˈɑʧu", "pˈikʧu"), "Chichen Itza": ("ʧiʧˈɛn", "ˈitsə"),
    "Champs-Elysees": ("ʃˌɑnz_AlizˈA",), "Sao Paulo": ("sˌW", "pˈWlO"), "San Jose": ("sˌæn", "hOzˈA"),
    "Le Corbusier": ("lə", "kɔɹbˌuziˈA"), "El Paso": ("ˌɛl", "pˈæsO"), "Nice, France": ("nˈis,", "fɹˈæns"),
    "Jean-Luc": ("ʒˌɑnlˈuk",), "Jean-Paul": ("ʒˌɑnpˈɔl",), "Jean-Claude": ("ʒˌɑnklˈOd",),
    "Jean-Pierre": ("ʒˌɑnpiˈɛɹ",), "Jean-Jacques": ("ʒˌɑnʒˈɑk",), "Pan Am": ("pˌæn", "ˈæm"),
    "Book of Job": ("bˌʊk", "ʌv", "ʤˈOb"), "Yo-Yo Ma": ("jˈOjˌO", "mˈɑ"), "Mauna Kea": ("mˌWnə", "kˈAə"),
    "Maasai Mara": ("məsˈI", "mˈɑɹə"), "Lao Tzu": ("lˌW", "dzˈu"), "Dun Laoghaire": ("dˌʌn", "lˈɪɹi"),
    "Baton Rouge": ("bˌætᵊn", "ɹˈuʒ"), "Yves Saint Laurent": ("ˈiv", "sˌæn", "lɔɹˈɑn"),
}  # fmt: skip
"""Names of several words that are said otherwise than their words."""
