"""The standard objects of the CRMs, by every name a manifest may use for them.

Salesforce names are those of its Object Reference, HubSpot names the paths of its CRM API.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

import msgspec

from ampsandbox.errors import nearest
from ampsandbox.manifest.model import Provider

_SALESFORCE = re.findall(
    r"\w+",
    """
Account AccountContactRelation AccountContactRole AccountPartner AccountTeamMember ActionPlan Address
Asset AssetRelationship AssignedResource AssociatedLocation Attachment AuthorizationForm
AuthorizationFormConsent BusinessHours CalendarView CallCenter Campaign CampaignMember CampaignMemberStatus
Case CaseComment CaseContactRole CaseSolution CaseTeamMember CaseTeamRole CollaborationGroup
CollaborationGroupMember CommSubscription CommSubscriptionConsent Contact ContactPointAddress
ContactPointConsent ContactPointEmail ContactPointPhone ContactPointTypeConsent ContactRequest
ContentDocument ContentDocumentLink ContentNote ContentVersion ContentWorkspace Contract
ContractContactRole ContractLineItem CreditMemo CreditMemoLine Dashboard DataUsePurpose
DigitalWallet Document EmailMessage EmailMessageRelation EmailTemplate Employee EngagementChannelType
Entitlement EntitlementContact EntityMilestone Event EventRelation Expense FeedComment FeedItem
FinanceTransaction Folder Group GroupMember Holiday Idea Image Individual Invoice InvoiceLine Knowledge
Lead LegalEntity ListEmail LiveAgentSession LiveChatTranscript Location Macro MaintenanceAsset
MaintenancePlan MessagingEndUser MessagingSession MilestoneType Note OpenActivity OperatingHours
Opportunity OpportunityCompetitor OpportunityContactRole OpportunityLineItem OpportunityPartner
OpportunitySplit OpportunityTeamMember Order OrderItem Organization OrgWideEmailAddress Partner Payment
PaymentAuthorization PaymentGateway PermissionSet PermissionSetAssignment Pricebook2 PricebookEntry
ProcessInstance Product2 ProductConsumed ProductItem ProductItemTransaction ProductRequest
ProductRequestLineItem ProductRequired ProductTransfer Profile Queue QuickText Quote QuoteDocument
QuoteLineItem RecordAction RecordType Refund Report ResourceAbsence ResourcePreference ReturnOrder
ReturnOrderLineItem Scorecard SelfServiceUser ServiceAppointment ServiceContract ServiceCrew
ServiceCrewMember ServiceReport ServiceResource ServiceResourceSkill ServiceTerritory
ServiceTerritoryMember Shift Shipment Site Skill SkillRequirement SlaProcess SocialPersona SocialPost
Solution StreamingChannel Survey SurveyInvitation SurveyResponse Task TaskRelation Territory2 TimeSheet
TimeSheetEntry TimeSlot Topic TopicAssignment User UserRole UserTerritory2Association Vote WorkOrder
WorkOrderLineItem WorkPlan WorkStep WorkType
""",
)

_HUBSPOT = {
    "contacts": "contact",
    "companies": "company",
    "deals": "deal",
    "tickets": "ticket",
    "products": "product",
    "line_items": "line_item",
    "quotes": "quote",
    "communications": "communication",
    "feedback_submissions": "feedback_submission",
    "tasks": "task",
    "notes": "note",
    "meetings": "meeting",
    "calls": "call",
    "emails": "email",
    "invoices": "invoice",
    "marketing_events": "marketing_event",
    "subscriptions": "subscription",
    "goal_targets": "goal_target",
    "discounts": "discount",
    "fees": "fee",
    "taxes": "tax",
    "commerce_payments": "commerce_payment",
    "users": "user",
    "postal_mail": "postal_mail",
    "orders": "order",
    "leads": "lead",
    "carts": "cart",
    "services": "service",
    "courses": "course",
    "listings": "listing",
    "appointments": "appointment",
    "projects": "project",
}

_HUBSPOT_ALIASES = {"account": "companies", "accounts": "companies", "meetingevent": "meetings"}


class StandardObject(msgspec.Struct, frozen=True):
    """An object that the CRM brings along.

    `api_name` is how requests name it, `manifest_name` the camelCase form of the official name.
    """

    api_name: str
    manifest_name: str
    label: str
    plural_label: str


def standard_object(provider: str, name: str) -> StandardObject | None:
    """The standard object meant by `name` in any case, in singular or plural; None when there is none."""
    return _by_name(provider).get(_normalise(name))


def standard_objects(provider: str) -> list[StandardObject]:
    """All standard objects of a provider, each once, in order of their API names."""
    return sorted(set(_by_name(provider).values()), key=lambda item: item.api_name)


@lru_cache(maxsize=256)
def nearest_standard_object(provider: str, name: str) -> str | None:
    """The manifest name of the standard object that `name` probably means; None when nothing is near."""
    names = _by_name(provider)
    near = nearest(_normalise(name), names, cutoff=0.75)
    return names[near].manifest_name if near else None


def words(name: str) -> list[str]:
    """The words of a camelCase, dashed or underscored name: `mailMonkey-ads` → mail, Monkey, ads."""
    return re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[^\W_A-Z]+", name)


def label_of(name: str) -> str:
    """A name for people made of one for machines: `mailMonkeyCampaigns` → `Mail Monkey Campaigns`."""
    return " ".join(word[:1].upper() + word[1:] for word in words(name)) or name


def plural_of(label: str) -> str:
    """The plural of an English label: `Company` → `Companies`. A label that ends in a plural s is kept."""
    if label.endswith(("ss", "x", "ch", "sh")):
        return f"{label}es"
    if label.endswith("s") or not label:
        return label
    if label.endswith("y") and label[-2:-1].lower() not in "aeiou":
        return f"{label[:-1]}ies"
    return f"{label}s"


def singular_of(label: str) -> str:
    """The singular of an English label: `Campaigns` → `Campaign`."""
    if label.endswith("ies") and len(label) > 4:
        return f"{label[:-3]}y"
    if label.endswith(("sses", "xes", "ches", "shes")):
        return label[:-2]
    return label[:-1] if label.endswith("s") and not label.endswith(("ss", "us")) else label


@cache
def _by_name(provider: str) -> dict[str, StandardObject]:
    if provider == Provider.SALESFORCE:
        return {key: item for api_name in _SALESFORCE for key, item in _salesforce_names(api_name)}
    if provider == Provider.HUBSPOT:
        names = {key: item for pair in _HUBSPOT.items() for key, item in _hubspot_names(*pair)}
        return names | {alias: names[_normalise(target)] for alias, target in _HUBSPOT_ALIASES.items()}
    return {}


def _salesforce_names(api_name: str) -> list[tuple[str, StandardObject]]:
    label = label_of(api_name.rstrip("2"))
    item = StandardObject(api_name, api_name[0].lower() + api_name[1:], label, plural_of(label))
    forms = {api_name, plural_of(api_name), label, item.plural_label}
    return [(_normalise(form), item) for form in forms]


def _hubspot_names(plural: str, singular: str) -> list[tuple[str, StandardObject]]:
    first, *rest = singular.split("_")
    manifest_name = first + "".join(part.capitalize() for part in rest)
    item = StandardObject(plural, manifest_name, label_of(singular), label_of(plural))
    return [(_normalise(form), item) for form in (plural, singular)]


def _normalise(name: str) -> str:
    return re.sub(r"[-_\s]", "", name).lower()
