"""Well-known standard fields, to tell when a custom field takes the name of one.

Not a schema: the mock CRMs have those. Names are lower-case and cover what integrations write most.
"""

from __future__ import annotations

from ampsandbox.manifest.model import Provider

_SYSTEM = {
    Provider.SALESFORCE: """
        id name ownerid createddate createdbyid lastmodifieddate lastmodifiedbyid isdeleted
    """,
    Provider.HUBSPOT: """
        hs_object_id hs_createdate hs_lastmodifieddate createdate hubspot_owner_id
    """,
}
_FIELDS = {
    # Salesforce
    "Account": """
        type phone fax website industry annualrevenue numberofemployees rating accountnumber
        accountsource description ownership site sic tickersymbol parentid billingstreet
        billingcity billingstate billingpostalcode billingcountry shippingstreet shippingcity
        shippingstate
    """,
    "Contact": """
        firstname lastname salutation email phone mobilephone homephone fax title department
        birthdate leadsource description accountid reportstoid mailingstreet mailingcity
        mailingstate mailingpostalcode mailingcountry
    """,
    "Lead": """
        firstname lastname salutation company title email phone mobilephone fax website industry
        status rating leadsource annualrevenue numberofemployees description isconverted street
        city state postalcode country
    """,
    "Opportunity": """
        accountid amount closedate stagename probability type nextstep leadsource description
        campaignid pricebook2id forecastcategoryname
    """,
    "Case": """
        accountid contactid subject description status priority origin reason type comments
        suppliedname suppliedemail suppliedphone suppliedcompany
    """,
    "Campaign": """
        type status startdate enddate isactive description budgetedcost actualcost
    """,
    "Task": """
        subject status priority activitydate description whoid whatid
    """,
    "Product2": """
        productcode description isactive family
    """,
    # HubSpot
    "contacts": """
        firstname lastname email phone mobilephone company website jobtitle lifecyclestage
        hs_lead_status salutation fax date_of_birth industry zip address message annualrevenue
        city state country
    """,
    "companies": """
        name domain phone website industry numberofemployees annualrevenue description
        lifecyclestage type address address2 city state zip country founded_year timezone
    """,
    "deals": """
        dealname amount dealstage pipeline closedate dealtype description
    """,
    "tickets": """
        subject content hs_pipeline hs_pipeline_stage hs_ticket_priority
    """,
    "products": """
        name price description hs_sku
    """,
    "line_items": """
        name price quantity amount discount hs_product_id
    """,
}


def standard_fields(provider: Provider, object_name: str) -> frozenset[str]:
    """The well-known fields of an object by its API name, with those that every object has."""
    return frozenset(f"{_SYSTEM[provider]} {_FIELDS.get(object_name, '')}".split())
