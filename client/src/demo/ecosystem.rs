//! The invented ecosystem: its organisations as the operator imports them, and the people who are there. Every name is
//! made up, and every address is under `.example`, which nobody can own.

use rialto_shared::standing::Role;

/// An organisation as the operator records it. Lists are separated by spaces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Company {
    /// Its name.
    pub(super) name: &'static str,
    /// Its types.
    pub(super) types: &'static str,
    /// The program it is in, and its level there.
    pub(super) program: (&'static str, &'static str),
    /// Where it works.
    pub(super) places: &'static str,
    /// Whom it works for.
    pub(super) industries: &'static str,
    /// What it says of itself.
    pub(super) about: &'static str,
}

/// Somebody who takes part.
#[derive(Debug, Clone, Copy)]
pub(super) struct Character {
    /// What the history calls them.
    pub(super) key: &'static str,
    /// Their name.
    pub(super) name: &'static str,
    /// Of which organisation. The first of each claims it, as its admin.
    pub(super) company: &'static str,
    /// What they may do there.
    pub(super) role: Role,
    /// Whether they are an alliance manager.
    pub(super) alliance: bool,
}

/// The vendor.
pub(super) const VENDOR: &str = "Northwind";

const fn company(
    name: &'static str,
    types: &'static str,
    program: (&'static str, &'static str),
    places: &'static str,
    industries: &'static str,
    about: &'static str,
) -> Company {
    Company {
        name,
        types,
        program,
        places,
        industries,
        about,
    }
}

const BUILD: &str = "Northwind Build";
const RUN: &str = "Northwind Run";
const SELL: &str = "Northwind Sell";

/// Everyone but the vendor. Those whom no [`Character`] belongs to are unclaimed.
#[rustfmt::skip]
pub(super) const COMPANIES: [Company; 39] = [
    company("BrightPath", "si services", (RUN, "Gold"), "dach benelux", "manufacturing automotive", "Connects plants to the cloud: sensors, edge, and the people who have to live with both."),
    company("Alder Cloud", "msp reseller", (RUN, "Gold"), "southern_europe FR", "retail logistics", "Runs platforms for companies that sell things and would rather not run platforms."),
    company("Cobalt Systems", "isv", (BUILD, "Silver"), "global", "manufacturing energy", "Maintenance planning that asks the machine first."),
    company("Quayside Data", "isv technology", (BUILD, "Gold"), "nordics uk_ie", "logistics consumer_goods", "Port and yard data, cleaned while the ship is still at sea."),
    company("Meridian Managed", "msp", (RUN, "Silver"), "iberia latam", "hospitality healthcare", "Night shifts for other people's servers, in three languages."),
    company("Harbor Analytics", "isv services", (BUILD, "Silver"), "emea", "insurance financial_services", "Claims, risks and the spreadsheets between them."),
    company("Lumenforge", "hardware technology", (BUILD, "Gold"), "apac", "manufacturing", "Edge boxes that survive a foundry."),
    company("Fennel Software", "isv", (BUILD, "Bronze"), "north_america", "agriculture", "Field notes for growers, and an API for everyone else."),
    company("Tessera Security", "services si", (RUN, "Silver"), "dach cee", "government healthcare", "Reviews that end in a fix and not in a report."),
    company("Amberline", "reseller", (SELL, "Bronze"), "benelux", "retail", "Licences and the hands to use them."),
    company("Blue Heron Consulting", "services", (RUN, "Bronze"), "uk_ie", "education government", "Helps public bodies buy less and use more."),
    company("Canopy Works", "si", (RUN, "Silver"), "nordics", "energy", "Grid operators' integrator of choice, they say."),
    company("Drumlin Networks", "msp technology", (RUN, "Bronze"), "uk_ie", "telecommunications", "Sites, links, and what runs between."),
    company("Eastgate Distribution", "distributor", (SELL, "Gold"), "cee baltics", "retail consumer_goods", "Forty resellers, one price list."),
    company("Ferrymen", "agency", (SELL, "Bronze"), "dach", "media", "Campaigns for products that need explaining."),
    company("Granary Labs", "isv", (BUILD, "Bronze"), "FR", "agriculture logistics", "Knows where the grain is."),
    company("Halcyon Training", "training", (RUN, "Silver"), "emea", "education", "Courses for those who have to run it on Monday."),
    company("Ironwood Integration", "si", (RUN, "Gold"), "north_america", "manufacturing aerospace", "Old machines, new data."),
    company("Juniper Bay Software", "isv", (BUILD, "Silver"), "anz", "hospitality", "Front desks without the desk."),
    company("Kestrel Mobility", "isv technology", (BUILD, "Bronze"), "DE", "automotive", "Fleet data for people who drive."),
    company("Larkspur Health IT", "isv services", (BUILD, "Silver"), "nordics", "healthcare", "Wards, beds, and who is in them."),
    company("Mooring Finance Tech", "isv", (BUILD, "Bronze"), "uk_ie", "financial_services", "Reconciles what does not want to be."),
    company("Nettle & Co", "referral", (SELL, "Bronze"), "southern_europe", "real_estate", "Knows everybody in three cities."),
    company("Oxbow Hosting", "msp", (RUN, "Bronze"), "north_america", "software", "Hosting with a person at the other end."),
    company("Pinemarten", "technology", (BUILD, "Bronze"), "FI", "mining", "Radio where there is none."),
    company("Quill Harbour", "agency services", (SELL, "Bronze"), "anz", "media professional_services", "Words for engineers."),
    company("Redfern Resale", "reseller", (SELL, "Silver"), "africa", "government education", "Delivers where the road ends."),
    company("Saltmarsh Robotics", "hardware", (BUILD, "Silver"), "benelux", "logistics", "Picks boxes up, puts boxes down."),
    company("Thornbury Partners", "services", (RUN, "Bronze"), "uk_ie", "professional_services", "Change, managed."),
    company("Umbra Observability", "isv", (BUILD, "Gold"), "global", "software telecommunications", "Shows what is slow and says why."),
    company("Vesper Cloud", "msp hyperscaler", (RUN, "Silver"), "mena gcc", "government energy", "A region of one's own."),
    company("Willowbend", "services training", (RUN, "Bronze"), "north_america", "nonprofit", "Software for people with other things to do."),
    company("Xylem & Oak", "isv", (BUILD, "Bronze"), "cee", "construction", "Plans, revisions, and which one is the last."),
    company("Yarrow Digital", "agency", (SELL, "Bronze"), "sea", "consumer_goods", "Launches in eleven languages."),
    company("Zephyr Energy Data", "isv technology", (BUILD, "Silver"), "nordics baltics", "energy", "Wind, as a forecast and as an invoice."),
    company("Ashgrove Telecom", "reseller technology", (SELL, "Silver"), "ZA", "telecommunications", "Lines for branches."),
    company("Brackwater Insurance IT", "services si", (RUN, "Bronze"), "benelux", "insurance", "Migrates policies older than their owners."),
    company("Copperfield Retail Tech", "isv", (BUILD, "Silver"), "emea", "retail", "Tills that talk."),
    company("Dunlin Aerospace IT", "si", (RUN, "Bronze"), "FR", "aerospace", "Paper trails for parts that fly."),
];

const fn character(
    key: &'static str,
    name: &'static str,
    company: &'static str,
    role: Role,
    alliance: bool,
) -> Character {
    Character {
        key,
        name,
        company,
        role,
        alliance,
    }
}

/// Everyone who is there.
#[rustfmt::skip]
pub(super) const CHARACTERS: [Character; 16] = [
    character("tom", "Tom Becker", VENDOR, Role::Admin, true),
    character("sofia", "Sofia Lindqvist", VENDOR, Role::Lead, true),
    character("marek", "Marek Dvorak", VENDOR, Role::Rep, false),
    character("ana", "Ana Weber", "BrightPath", Role::Admin, false),
    character("rui", "Rui Costa", "BrightPath", Role::Rep, false),
    character("lea", "Lea Fontaine", "Alder Cloud", Role::Admin, false),
    character("jonas", "Jonas Keller", "Alder Cloud", Role::Lead, false),
    character("priya", "Priya Raman", "Cobalt Systems", Role::Admin, false),
    character("noor", "Noor Haddad", "Quayside Data", Role::Admin, false),
    character("emil", "Emil Strand", "Quayside Data", Role::Rep, false),
    character("giulia", "Giulia Conti", "Meridian Managed", Role::Admin, false),
    character("ines", "Ines Moreau", "Harbor Analytics", Role::Admin, false),
    character("kenji", "Kenji Mori", "Lumenforge", Role::Admin, false),
    character("maya", "Maya Holt", "Fennel Software", Role::Admin, false),
    character("oskar", "Oskar Lang", "Tessera Security", Role::Admin, false),
    character("hanna", "Hanna Vogel", "Tessera Security", Role::Rep, false),
];

/// An organisation's site.
pub(super) fn site(name: &str) -> String {
    let host: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("https://{}.example", host.to_ascii_lowercase())
}
