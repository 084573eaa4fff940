"""The types of the Metadata API that the mock knows, with the elements that Salesforce's WSDL gives them.

They are what requests are read by, answers are ordered by, and `describeValueType` tells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SCALARS: Final = ("string", "boolean", "int", "double")
IGNORED: Final = "ignored"
"""The type of elements that the mock takes and does not keep, such as list views."""

ENUMS: Final = {
    "FieldType": (
        "AutoNumber",
        "Lookup",
        "MasterDetail",
        "Checkbox",
        "Currency",
        "Date",
        "DateTime",
        "Email",
        "Number",
        "Percent",
        "Phone",
        "Picklist",
        "MultiselectPicklist",
        "Text",
        "TextArea",
        "LongTextArea",
        "Html",
        "Url",
        "EncryptedText",
        "Summary",
        "Hierarchy",
        "File",
        "MetadataRelationship",
        "Location",
        "ExternalLookup",
        "IndirectLookup",
        "CustomDataType",
        "Time",
        "Address",
        "Array",
    ),
    "DeleteConstraint": ("Cascade", "Restrict", "SetNull"),
    "DeploymentStatus": ("InDevelopment", "Deployed"),
    "SharingModel": (
        "Private",
        "Read",
        "ReadSelect",
        "ReadWrite",
        "ReadWriteTransfer",
        "FullAccess",
        "ControlledByParent",
        "ControlledByLeadOrContact",
        "ControlledByCampaign",
    ),
}
"""Kinds whose values are texts of a list."""


@dataclass(frozen=True, slots=True)
class ElementType:
    """One element of a type.

    Attributes:
        name: Its local name.
        type: One of `SCALARS`, a key of `ENUMS`, the name of a value type, or `IGNORED`.
        many: Whether it may be repeated; its value is a list then.
        required: Whether it has to be there.
    """

    name: str
    type_: str
    many: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True)
class ValueType:
    """A type with its elements by name, in the order of the WSDL."""

    name: str
    elements: dict[str, ElementType]


def _value_type(name: str, elements: str) -> ValueType:
    """Read `name:type` words; `*` marks what may be repeated, `!` what is required, no type is a string."""
    read: dict[str, ElementType] = {}
    for word in elements.split():
        element, _, type_ = word.rstrip("*!").partition(":")
        read[element] = ElementType(element, type_ or "string", word.endswith("*"), word.endswith("!"))
    return ValueType(name, read)


_DECLARED: Final = (
    _value_type(
        "CustomField",
        """fullName businessOwnerGroup businessOwnerUser businessStatus caseSensitive:boolean complianceGroup
        customDataType defaultValue deleteConstraint:DeleteConstraint deprecated:boolean description
        displayFormat displayLocationInDecimal:boolean encryptionScheme escapeMarkup:boolean
        externalDeveloperName externalId:boolean fieldManageability formula formulaTreatBlanksAs
        indexed:boolean inlineHelpText isAIPredictionField:boolean isConvertLeadDisabled:boolean
        isFilteringDisabled:boolean isNameField:boolean isSortingDisabled:boolean label length:int
        lookupFilter:LookupFilter maskChar maskType metadataRelationshipControllingField
        populateExistingRows:boolean precision:int referenceTargetField referenceTo relationshipLabel
        relationshipName relationshipOrder:int reparentableMasterDetail:boolean required:boolean
        restrictedAdminField:boolean scale:int securityClassification startingNumber:int
        stripMarkup:boolean summarizedField summaryFilterItems:FilterItem* summaryForeignKey
        summaryOperation trackFeedHistory:boolean trackHistory:boolean trackTrending:boolean
        translateData:boolean type:FieldType unique:boolean valueSet:ValueSet visibleLines:int
        writeRequiresMasterRead:boolean""",
    ),
    _value_type(
        "ValueSet",
        """controllingField restricted:boolean valueSetDefinition:ValueSetValuesDefinition valueSetName
        valueSettings:ValueSettings*""",
    ),
    _value_type("ValueSetValuesDefinition", "sorted:boolean value:CustomValue*"),
    _value_type("CustomValue", "fullName color default:boolean! description isActive:boolean label"),
    _value_type("ValueSettings", "controllingFieldValue* valueName!"),
    _value_type(
        "LookupFilter",
        """active:boolean! booleanFilter description errorMessage filterItems:FilterItem* infoMessage
        isOptional:boolean!""",
    ),
    _value_type("FilterItem", "field! operation! value valueField"),
    _value_type(
        "CustomObject",
        """fullName actionOverrides:ignored* allowInChatterGroups:boolean articleTypeChannelDisplay:ignored
        businessProcesses:ignored* compactLayouts:ignored* compactLayoutAssignment customHelp
        customHelpPage customSettingsType deploymentStatus:DeploymentStatus deprecated:boolean description
        enableActivities:boolean enableBulkApi:boolean enableChangeDataCapture:boolean
        enableDataTranslation:boolean enableDivisions:boolean enableEnhancedLookup:boolean
        enableFeeds:boolean enableHistory:boolean enableLicensing:boolean enableReports:boolean
        enableSearch:boolean enableSharing:boolean enableStreamingApi:boolean eventType externalDataSource
        externalName externalRepository externalSharingModel:SharingModel fields:CustomField*
        fieldSets:ignored* gender historyRetentionPolicy:ignored household:boolean indexes:ignored* label
        listViews:ignored* nameField:CustomField pluralLabel profileSearchLayouts:ignored* publishBehavior
        recordTypeTrackFeedHistory:boolean recordTypeTrackHistory:boolean recordTypes:RecordType*
        searchLayouts:ignored sharingModel:SharingModel sharingReasons:ignored*
        sharingRecalculations:ignored* startsWith validationRules:ValidationRule* visibility
        webLinks:ignored*""",
    ),
    _value_type(
        "RecordType",
        """fullName active:boolean! businessProcess compactLayoutAssignment description label!
        picklistValues:RecordTypePicklistValue*""",
    ),
    _value_type("RecordTypePicklistValue", "picklist! values:PicklistValue*"),
    _value_type(
        "PicklistValue",
        """fullName color default:boolean description isActive:boolean allowEmail:boolean closed:boolean
        controllingFieldValues* converted:boolean cssExposed:boolean forecastCategory highPriority:boolean
        probability:int reverseRole reviewed:boolean won:boolean""",
    ),
    _value_type(
        "ValidationRule",
        "fullName active:boolean! description errorConditionFormula! errorDisplayField errorMessage!",
    ),
    _value_type(
        "PermissionSet",
        """fullName applicationVisibilities:PermissionSetApplicationVisibility*
        classAccesses:PermissionSetApexClassAccess* customMetadataTypeAccesses:ignored*
        customPermissions:PermissionSetCustomPermissions* customSettingAccesses:ignored* description
        externalCredentialPrincipalAccesses:ignored* externalDataSourceAccesses:ignored*
        flowAccesses:ignored* fieldPermissions:PermissionSetFieldPermissions*
        hasActivationRequired:boolean label! license objectPermissions:PermissionSetObjectPermissions*
        pageAccesses:PermissionSetApexPageAccess*
        recordTypeVisibilities:PermissionSetRecordTypeVisibility* tabSettings:PermissionSetTabSetting*
        userPermissions:PermissionSetUserPermission*""",
    ),
    _value_type("PermissionSetApplicationVisibility", "application! default:boolean visible:boolean!"),
    _value_type("PermissionSetApexClassAccess", "apexClass! enabled:boolean!"),
    _value_type("PermissionSetCustomPermissions", "enabled:boolean! name!"),
    _value_type("PermissionSetFieldPermissions", "editable:boolean! field! readable:boolean"),
    _value_type(
        "PermissionSetObjectPermissions",
        """allowCreate:boolean! allowDelete:boolean! allowEdit:boolean! allowRead:boolean!
        modifyAllRecords:boolean! object! viewAllFields:boolean viewAllRecords:boolean!""",
    ),
    _value_type("PermissionSetApexPageAccess", "apexPage! enabled:boolean!"),
    _value_type("PermissionSetRecordTypeVisibility", "recordType! visible:boolean!"),
    _value_type("PermissionSetTabSetting", "tab! visibility!"),
    _value_type("PermissionSetUserPermission", "enabled:boolean! name!"),
    _value_type(
        "Profile",
        """fullName applicationVisibilities:ProfileApplicationVisibility* categoryGroupVisibilities:ignored*
        classAccesses:PermissionSetApexClassAccess* customMetadataTypeAccesses:ignored*
        customPermissions:ignored* customSettingAccesses:ignored* externalDataSourceAccesses:ignored*
        flowAccesses:ignored* loginFlows:ignored* loginHours:ignored loginIpRanges:ignored*
        profileActionOverrides:ignored* custom:boolean description
        fieldPermissions:ProfileFieldLevelSecurity* layoutAssignments:ProfileLayoutAssignment*
        objectPermissions:ProfileObjectPermissions* pageAccesses:PermissionSetApexPageAccess*
        recordTypeVisibilities:ProfileRecordTypeVisibility* tabVisibilities:ProfileTabVisibility*
        userLicense userPermissions:PermissionSetUserPermission*""",
    ),
    _value_type("ProfileApplicationVisibility", "application! default:boolean! visible:boolean!"),
    _value_type("ProfileFieldLevelSecurity", "editable:boolean! field! readable:boolean"),
    _value_type("ProfileLayoutAssignment", "layout! recordType"),
    _value_type(
        "ProfileObjectPermissions",
        """allowCreate:boolean allowDelete:boolean allowEdit:boolean allowRead:boolean
        modifyAllRecords:boolean object! viewAllFields:boolean viewAllRecords:boolean""",
    ),
    _value_type(
        "ProfileRecordTypeVisibility",
        "default:boolean! personAccountDefault:boolean recordType! visible:boolean!",
    ),
    _value_type("ProfileTabVisibility", "tab! visibility!"),
)

VALUE_TYPES: Final = {value_type.name: value_type for value_type in _DECLARED}
"""All known types by name."""

COMPONENT_TYPES: Final = (
    "CustomField",
    "CustomObject",
    "PermissionSet",
    "Profile",
    "RecordType",
    "ValidationRule",
)
"""The types that are components of an org, and can be read and written on their own."""
