//! The field's closed lists, as a deal uses them: responsibilities, stages, reasons, and how the vendor is present.
//!
//! The names are those of AWS Partner Central, so that an import or an export maps one to one.

use crate::{id::MemberId, standing::Role};
use serde::{Deserialize, Serialize};

macro_rules! list {
    ($(#[$doc:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident),* $(,)? }) => {
        $(#[$doc])*
        #[derive(
            Debug,
            Clone,
            Copy,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Serialize,
            Deserialize,
            schemars::JsonSchema,
            strum::VariantArray,
            strum::EnumString,
            strum::IntoStaticStr,
            strum::Display,
        )]
        #[serde(rename_all = "snake_case")]
        #[strum(serialize_all = "snake_case", ascii_case_insensitive)]
        pub enum $name { $($(#[$inner])* $variant),* }
    };
}

list!(
    /// What a party does in a deal.
    Responsibility {
        /// Supplies resellers.
        Distributor,
        /// Sells on.
        Reseller,
        /// Brings the hardware.
        HardwarePartner,
        /// Runs it for the customer.
        ManagedServiceProvider,
        /// Brings the software.
        SoftwarePartner,
        /// Brings people and skill.
        ServicesPartner,
        /// Trains.
        TrainingPartner,
        /// Brings the parties of a co-sell together.
        CosellFacilitator,
        /// Brings the parties together.
        Facilitator,
        /// The vendor itself; no partner takes this.
        Vendor,
    }
);

list!(
    /// How far a deal is. It moves both ways: what a customer takes back is no lie of the party that said it.
    Stage {
        /// Identified.
        Prospect,
        /// The customer agrees that it is real.
        Qualified,
        /// All know how it will be done.
        TechnicalValidation,
        /// The price is proposed and the steps to the end are agreed.
        BusinessValidation,
        /// The contract is signed, billing has not begun.
        Committed,
    }
);

list!(
    /// Why a deal was lost.
    LostReason {
        /// Customer Deficiency.
        CustomerDeficiency,
        /// Delay / Cancellation of Project.
        DelayCancellationOfProject,
        /// Legal / Tax / Regulatory.
        LegalTaxRegulatory,
        /// Lost to Competitor - Google.
        LostToCompetitorGoogle,
        /// Lost to Competitor - Microsoft.
        LostToCompetitorMicrosoft,
        /// Lost to Competitor - SoftLayer.
        LostToCompetitorSoftlayer,
        /// Lost to Competitor - VMWare.
        LostToCompetitorVmware,
        /// Lost to Competitor - Other.
        LostToCompetitorOther,
        /// No Opportunity.
        NoOpportunity,
        /// On Premises Deployment.
        OnPremisesDeployment,
        /// Partner Gap.
        PartnerGap,
        /// Price.
        Price,
        /// Security / Compliance.
        SecurityCompliance,
        /// Technical Limitations.
        TechnicalLimitations,
        /// Customer Experience.
        CustomerExperience,
        /// Other.
        Other,
        /// People/Relationship/Governance.
        PeopleRelationshipGovernance,
        /// Product/Technology.
        ProductTechnology,
        /// Financial/Commercial.
        FinancialCommercial,
    }
);

list!(
    /// Why an organisation does not come into a deal.
    DeclineReason {
        /// Customer problem unclear.
        CustomerProblemUnclear,
        /// Next steps unclear.
        NextStepsUnclear,
        /// Unable to support.
        UnableToSupport,
        /// Duplicate of partner referral.
        DuplicateOfPartnerReferral,
        /// Other: see the words.
        Other,
    }
);

list!(
    /// How the vendor's alliance managers are in a deal.
    Presence {
        /// They read and take part, from the entry that says so on.
        InRoom,
        /// A party's signed call brings those whom it names.
        OnCall,
        /// They are not here, and a call is a knock.
        NotPresent,
    }
);

list!(
    /// Whether a party is still one.
    PartyStatus {
        /// It is.
        Active,
        /// It went.
        Left,
        /// The host took it out.
        Removed,
    }
);

list!(
    /// What became of an invitation.
    Closing {
        /// The organisation is a party.
        Accepted,
        /// It said no.
        Declined,
        /// Nobody answered in time.
        Expired,
        /// It was taken back, or the deal ended first.
        Cancelled,
    }
);

list!(
    /// How a task stands.
    TaskState {
        /// To be done.
        Open,
        /// Done.
        Done,
        /// No longer wanted.
        Dropped,
    }
);

/// What the host lets another party do.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Can {
    /// Invite organisations.
    pub invite: bool,
    /// Set title, customer, problem, value and target close.
    pub edit: bool,
}

impl Can {
    /// What the host and those who begin a deal with it may do.
    pub const ALL: Self = Self {
        invite: true,
        edit: true,
    };
}

/// A person of a party, and what they may do here.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema,
)]
pub struct Seated {
    /// Who.
    pub id: MemberId,
    /// Viewer, Rep or Lead.
    pub role: Role,
}
