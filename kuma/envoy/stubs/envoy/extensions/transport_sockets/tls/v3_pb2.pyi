import datetime

from google.protobuf import any_pb2 as _any_pb2
from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import wrappers_pb2 as _wrappers_pb2
from kuma.envoy.stubs.envoy.config.core import v3_pb2 as _v3_pb2
from kuma.envoy.stubs.envoy.type.matcher import v3_pb2 as _v3_pb2_1
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union


class CertificateProviderPluginInstance(_message.Message):
    instance_name: str
    certificate_name: str
    def __init__(self, instance_name: _Optional[str] = ..., certificate_name: _Optional[str] = ...) -> None: ...

class CertificateValidationContext(_message.Message):
    class TrustChainVerification(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        VERIFY_TRUST_CHAIN: _ClassVar[CertificateValidationContext.TrustChainVerification]
        ACCEPT_UNTRUSTED: _ClassVar[CertificateValidationContext.TrustChainVerification]
    VERIFY_TRUST_CHAIN: CertificateValidationContext.TrustChainVerification
    ACCEPT_UNTRUSTED: CertificateValidationContext.TrustChainVerification
    class SystemRootCerts(_message.Message):
        def __init__(self) -> None: ...
    trusted_ca: _v3_pb2.DataSource
    ca_certificate_provider_instance: CertificateProviderPluginInstance
    system_root_certs: CertificateValidationContext.SystemRootCerts
    watched_directory: _v3_pb2.WatchedDirectory
    verify_certificate_spki: _containers.RepeatedScalarFieldContainer[str]
    verify_certificate_hash: _containers.RepeatedScalarFieldContainer[str]
    match_typed_subject_alt_names: _containers.RepeatedCompositeFieldContainer[SubjectAltNameMatcher]
    match_subject_alt_names: _containers.RepeatedCompositeFieldContainer[_v3_pb2_1.StringMatcher]
    require_signed_certificate_timestamp: _wrappers_pb2.BoolValue
    crl: _v3_pb2.DataSource
    allow_expired_certificate: bool
    trust_chain_verification: CertificateValidationContext.TrustChainVerification
    custom_validator_config: _v3_pb2.TypedExtensionConfig
    only_verify_leaf_cert_crl: bool
    max_verify_depth: _wrappers_pb2.UInt32Value
    suppress_client_ca_list: bool
    def __init__(self, trusted_ca: _Optional[_Union[_v3_pb2.DataSource, _Mapping[str, object]]] = ..., ca_certificate_provider_instance: _Optional[_Union[CertificateProviderPluginInstance, _Mapping[str, object]]] = ..., system_root_certs: _Optional[_Union[CertificateValidationContext.SystemRootCerts, _Mapping[str, object]]] = ..., watched_directory: _Optional[_Union[_v3_pb2.WatchedDirectory, _Mapping[str, object]]] = ..., verify_certificate_spki: _Optional[_Iterable[str]] = ..., verify_certificate_hash: _Optional[_Iterable[str]] = ..., match_typed_subject_alt_names: _Optional[_Iterable[_Union[SubjectAltNameMatcher, _Mapping[str, object]]]] = ..., match_subject_alt_names: _Optional[_Iterable[_Union[_v3_pb2_1.StringMatcher, _Mapping[str, object]]]] = ..., require_signed_certificate_timestamp: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., crl: _Optional[_Union[_v3_pb2.DataSource, _Mapping[str, object]]] = ..., allow_expired_certificate: _Optional[bool] = ..., trust_chain_verification: _Optional[_Union[CertificateValidationContext.TrustChainVerification, str]] = ..., custom_validator_config: _Optional[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]] = ..., only_verify_leaf_cert_crl: _Optional[bool] = ..., max_verify_depth: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., suppress_client_ca_list: _Optional[bool] = ...) -> None: ...

class CommonTlsContext(_message.Message):
    class CertificateProvider(_message.Message):
        name: str
        typed_config: _v3_pb2.TypedExtensionConfig
        def __init__(self, name: _Optional[str] = ..., typed_config: _Optional[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]] = ...) -> None: ...
    class CertificateProviderInstance(_message.Message):
        instance_name: str
        certificate_name: str
        def __init__(self, instance_name: _Optional[str] = ..., certificate_name: _Optional[str] = ...) -> None: ...
    class CombinedCertificateValidationContext(_message.Message):
        default_validation_context: CertificateValidationContext
        validation_context_sds_secret_config: SdsSecretConfig
        validation_context_certificate_provider: CommonTlsContext.CertificateProvider
        validation_context_certificate_provider_instance: CommonTlsContext.CertificateProviderInstance
        def __init__(self, default_validation_context: _Optional[_Union[CertificateValidationContext, _Mapping[str, object]]] = ..., validation_context_sds_secret_config: _Optional[_Union[SdsSecretConfig, _Mapping[str, object]]] = ..., validation_context_certificate_provider: _Optional[_Union[CommonTlsContext.CertificateProvider, _Mapping[str, object]]] = ..., validation_context_certificate_provider_instance: _Optional[_Union[CommonTlsContext.CertificateProviderInstance, _Mapping[str, object]]] = ...) -> None: ...
    tls_params: TlsParameters
    tls_certificates: _containers.RepeatedCompositeFieldContainer[TlsCertificate]
    tls_certificate_sds_secret_configs: _containers.RepeatedCompositeFieldContainer[SdsSecretConfig]
    tls_certificate_provider_instance: CertificateProviderPluginInstance
    custom_tls_certificate_selector: _v3_pb2.TypedExtensionConfig
    tls_certificate_certificate_provider: CommonTlsContext.CertificateProvider
    tls_certificate_certificate_provider_instance: CommonTlsContext.CertificateProviderInstance
    validation_context: CertificateValidationContext
    validation_context_sds_secret_config: SdsSecretConfig
    combined_validation_context: CommonTlsContext.CombinedCertificateValidationContext
    validation_context_certificate_provider: CommonTlsContext.CertificateProvider
    validation_context_certificate_provider_instance: CommonTlsContext.CertificateProviderInstance
    alpn_protocols: _containers.RepeatedScalarFieldContainer[str]
    custom_handshaker: _v3_pb2.TypedExtensionConfig
    key_log: TlsKeyLog
    def __init__(self, tls_params: _Optional[_Union[TlsParameters, _Mapping[str, object]]] = ..., tls_certificates: _Optional[_Iterable[_Union[TlsCertificate, _Mapping[str, object]]]] = ..., tls_certificate_sds_secret_configs: _Optional[_Iterable[_Union[SdsSecretConfig, _Mapping[str, object]]]] = ..., tls_certificate_provider_instance: _Optional[_Union[CertificateProviderPluginInstance, _Mapping[str, object]]] = ..., custom_tls_certificate_selector: _Optional[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]] = ..., tls_certificate_certificate_provider: _Optional[_Union[CommonTlsContext.CertificateProvider, _Mapping[str, object]]] = ..., tls_certificate_certificate_provider_instance: _Optional[_Union[CommonTlsContext.CertificateProviderInstance, _Mapping[str, object]]] = ..., validation_context: _Optional[_Union[CertificateValidationContext, _Mapping[str, object]]] = ..., validation_context_sds_secret_config: _Optional[_Union[SdsSecretConfig, _Mapping[str, object]]] = ..., combined_validation_context: _Optional[_Union[CommonTlsContext.CombinedCertificateValidationContext, _Mapping[str, object]]] = ..., validation_context_certificate_provider: _Optional[_Union[CommonTlsContext.CertificateProvider, _Mapping[str, object]]] = ..., validation_context_certificate_provider_instance: _Optional[_Union[CommonTlsContext.CertificateProviderInstance, _Mapping[str, object]]] = ..., alpn_protocols: _Optional[_Iterable[str]] = ..., custom_handshaker: _Optional[_Union[_v3_pb2.TypedExtensionConfig, _Mapping[str, object]]] = ..., key_log: _Optional[_Union[TlsKeyLog, _Mapping[str, object]]] = ...) -> None: ...

class DownstreamTlsContext(_message.Message):
    class OcspStaplePolicy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        LENIENT_STAPLING: _ClassVar[DownstreamTlsContext.OcspStaplePolicy]
        STRICT_STAPLING: _ClassVar[DownstreamTlsContext.OcspStaplePolicy]
        MUST_STAPLE: _ClassVar[DownstreamTlsContext.OcspStaplePolicy]
    LENIENT_STAPLING: DownstreamTlsContext.OcspStaplePolicy
    STRICT_STAPLING: DownstreamTlsContext.OcspStaplePolicy
    MUST_STAPLE: DownstreamTlsContext.OcspStaplePolicy
    common_tls_context: CommonTlsContext
    require_client_certificate: _wrappers_pb2.BoolValue
    require_sni: _wrappers_pb2.BoolValue
    session_ticket_keys: TlsSessionTicketKeys
    session_ticket_keys_sds_secret_config: SdsSecretConfig
    disable_stateless_session_resumption: bool
    disable_stateful_session_resumption: bool
    session_timeout: _duration_pb2.Duration
    ocsp_staple_policy: DownstreamTlsContext.OcspStaplePolicy
    full_scan_certs_on_sni_mismatch: _wrappers_pb2.BoolValue
    prefer_client_ciphers: bool
    def __init__(self, common_tls_context: _Optional[_Union[CommonTlsContext, _Mapping[str, object]]] = ..., require_client_certificate: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., require_sni: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., session_ticket_keys: _Optional[_Union[TlsSessionTicketKeys, _Mapping[str, object]]] = ..., session_ticket_keys_sds_secret_config: _Optional[_Union[SdsSecretConfig, _Mapping[str, object]]] = ..., disable_stateless_session_resumption: _Optional[bool] = ..., disable_stateful_session_resumption: _Optional[bool] = ..., session_timeout: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping[str, object]]] = ..., ocsp_staple_policy: _Optional[_Union[DownstreamTlsContext.OcspStaplePolicy, str]] = ..., full_scan_certs_on_sni_mismatch: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ..., prefer_client_ciphers: _Optional[bool] = ...) -> None: ...

class GenericSecret(_message.Message):
    class SecretsEntry(_message.Message):
        key: str
        value: _v3_pb2.DataSource
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[_v3_pb2.DataSource, _Mapping[str, object]]] = ...) -> None: ...
    secret: _v3_pb2.DataSource
    secrets: _containers.MessageMap[str, _v3_pb2.DataSource]
    def __init__(self, secret: _Optional[_Union[_v3_pb2.DataSource, _Mapping[str, object]]] = ..., secrets: _Optional[_Mapping[str, _v3_pb2.DataSource]] = ...) -> None: ...

class PrivateKeyProvider(_message.Message):
    provider_name: str
    typed_config: _any_pb2.Any
    fallback: bool
    def __init__(self, provider_name: _Optional[str] = ..., typed_config: _Optional[_Union[_any_pb2.Any, _Mapping[str, object]]] = ..., fallback: _Optional[bool] = ...) -> None: ...

class SPIFFECertValidatorConfig(_message.Message):
    class TrustDomain(_message.Message):
        name: str
        trust_bundle: _v3_pb2.DataSource
        workload_trust_domain: str
        def __init__(self, name: _Optional[str] = ..., trust_bundle: _Optional[_Union[_v3_pb2.DataSource, _Mapping[str, object]]] = ..., workload_trust_domain: _Optional[str] = ...) -> None: ...
    trust_domains: _containers.RepeatedCompositeFieldContainer[SPIFFECertValidatorConfig.TrustDomain]
    trust_bundles: _v3_pb2.DataSource
    def __init__(self, trust_domains: _Optional[_Iterable[_Union[SPIFFECertValidatorConfig.TrustDomain, _Mapping[str, object]]]] = ..., trust_bundles: _Optional[_Union[_v3_pb2.DataSource, _Mapping[str, object]]] = ...) -> None: ...

class SdsSecretConfig(_message.Message):
    name: str
    sds_config: _v3_pb2.ConfigSource
    def __init__(self, name: _Optional[str] = ..., sds_config: _Optional[_Union[_v3_pb2.ConfigSource, _Mapping[str, object]]] = ...) -> None: ...

class Secret(_message.Message):
    name: str
    tls_certificate: TlsCertificate
    session_ticket_keys: TlsSessionTicketKeys
    validation_context: CertificateValidationContext
    generic_secret: GenericSecret
    def __init__(self, name: _Optional[str] = ..., tls_certificate: _Optional[_Union[TlsCertificate, _Mapping[str, object]]] = ..., session_ticket_keys: _Optional[_Union[TlsSessionTicketKeys, _Mapping[str, object]]] = ..., validation_context: _Optional[_Union[CertificateValidationContext, _Mapping[str, object]]] = ..., generic_secret: _Optional[_Union[GenericSecret, _Mapping[str, object]]] = ...) -> None: ...

class SubjectAltNameMatcher(_message.Message):
    class SanType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        SAN_TYPE_UNSPECIFIED: _ClassVar[SubjectAltNameMatcher.SanType]
        EMAIL: _ClassVar[SubjectAltNameMatcher.SanType]
        DNS: _ClassVar[SubjectAltNameMatcher.SanType]
        URI: _ClassVar[SubjectAltNameMatcher.SanType]
        IP_ADDRESS: _ClassVar[SubjectAltNameMatcher.SanType]
        OTHER_NAME: _ClassVar[SubjectAltNameMatcher.SanType]
    SAN_TYPE_UNSPECIFIED: SubjectAltNameMatcher.SanType
    EMAIL: SubjectAltNameMatcher.SanType
    DNS: SubjectAltNameMatcher.SanType
    URI: SubjectAltNameMatcher.SanType
    IP_ADDRESS: SubjectAltNameMatcher.SanType
    OTHER_NAME: SubjectAltNameMatcher.SanType
    san_type: SubjectAltNameMatcher.SanType
    matcher: _v3_pb2_1.StringMatcher
    oid: str
    def __init__(self, san_type: _Optional[_Union[SubjectAltNameMatcher.SanType, str]] = ..., matcher: _Optional[_Union[_v3_pb2_1.StringMatcher, _Mapping[str, object]]] = ..., oid: _Optional[str] = ...) -> None: ...

class TlsCertificate(_message.Message):
    certificate_chain: _v3_pb2.DataSource
    private_key: _v3_pb2.DataSource
    pkcs12: _v3_pb2.DataSource
    watched_directory: _v3_pb2.WatchedDirectory
    private_key_provider: PrivateKeyProvider
    password: _v3_pb2.DataSource
    ocsp_staple: _v3_pb2.DataSource
    signed_certificate_timestamp: _containers.RepeatedCompositeFieldContainer[_v3_pb2.DataSource]
    def __init__(self, certificate_chain: _Optional[_Union[_v3_pb2.DataSource, _Mapping[str, object]]] = ..., private_key: _Optional[_Union[_v3_pb2.DataSource, _Mapping[str, object]]] = ..., pkcs12: _Optional[_Union[_v3_pb2.DataSource, _Mapping[str, object]]] = ..., watched_directory: _Optional[_Union[_v3_pb2.WatchedDirectory, _Mapping[str, object]]] = ..., private_key_provider: _Optional[_Union[PrivateKeyProvider, _Mapping[str, object]]] = ..., password: _Optional[_Union[_v3_pb2.DataSource, _Mapping[str, object]]] = ..., ocsp_staple: _Optional[_Union[_v3_pb2.DataSource, _Mapping[str, object]]] = ..., signed_certificate_timestamp: _Optional[_Iterable[_Union[_v3_pb2.DataSource, _Mapping[str, object]]]] = ...) -> None: ...

class TlsKeyLog(_message.Message):
    path: str
    local_address_range: _containers.RepeatedCompositeFieldContainer[_v3_pb2.CidrRange]
    remote_address_range: _containers.RepeatedCompositeFieldContainer[_v3_pb2.CidrRange]
    def __init__(self, path: _Optional[str] = ..., local_address_range: _Optional[_Iterable[_Union[_v3_pb2.CidrRange, _Mapping[str, object]]]] = ..., remote_address_range: _Optional[_Iterable[_Union[_v3_pb2.CidrRange, _Mapping[str, object]]]] = ...) -> None: ...

class TlsParameters(_message.Message):
    class TlsProtocol(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        TLS_AUTO: _ClassVar[TlsParameters.TlsProtocol]
        TLSv1_0: _ClassVar[TlsParameters.TlsProtocol]
        TLSv1_1: _ClassVar[TlsParameters.TlsProtocol]
        TLSv1_2: _ClassVar[TlsParameters.TlsProtocol]
        TLSv1_3: _ClassVar[TlsParameters.TlsProtocol]
    TLS_AUTO: TlsParameters.TlsProtocol
    TLSv1_0: TlsParameters.TlsProtocol
    TLSv1_1: TlsParameters.TlsProtocol
    TLSv1_2: TlsParameters.TlsProtocol
    TLSv1_3: TlsParameters.TlsProtocol
    class CompliancePolicy(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        FIPS_202205: _ClassVar[TlsParameters.CompliancePolicy]
        CNSA2_202603: _ClassVar[TlsParameters.CompliancePolicy]
        CNSA1_202603: _ClassVar[TlsParameters.CompliancePolicy]
    FIPS_202205: TlsParameters.CompliancePolicy
    CNSA2_202603: TlsParameters.CompliancePolicy
    CNSA1_202603: TlsParameters.CompliancePolicy
    tls_minimum_protocol_version: TlsParameters.TlsProtocol
    tls_maximum_protocol_version: TlsParameters.TlsProtocol
    cipher_suites: _containers.RepeatedScalarFieldContainer[str]
    ecdh_curves: _containers.RepeatedScalarFieldContainer[str]
    signature_algorithms: _containers.RepeatedScalarFieldContainer[str]
    compliance_policies: _containers.RepeatedScalarFieldContainer[TlsParameters.CompliancePolicy]
    def __init__(self, tls_minimum_protocol_version: _Optional[_Union[TlsParameters.TlsProtocol, str]] = ..., tls_maximum_protocol_version: _Optional[_Union[TlsParameters.TlsProtocol, str]] = ..., cipher_suites: _Optional[_Iterable[str]] = ..., ecdh_curves: _Optional[_Iterable[str]] = ..., signature_algorithms: _Optional[_Iterable[str]] = ..., compliance_policies: _Optional[_Iterable[_Union[TlsParameters.CompliancePolicy, str]]] = ...) -> None: ...

class TlsSessionTicketKeys(_message.Message):
    keys: _containers.RepeatedCompositeFieldContainer[_v3_pb2.DataSource]
    def __init__(self, keys: _Optional[_Iterable[_Union[_v3_pb2.DataSource, _Mapping[str, object]]]] = ...) -> None: ...

class UpstreamTlsContext(_message.Message):
    common_tls_context: CommonTlsContext
    sni: str
    auto_host_sni: bool
    auto_sni_san_validation: bool
    allow_renegotiation: bool
    max_session_keys: _wrappers_pb2.UInt32Value
    enforce_rsa_key_usage: _wrappers_pb2.BoolValue
    def __init__(self, common_tls_context: _Optional[_Union[CommonTlsContext, _Mapping[str, object]]] = ..., sni: _Optional[str] = ..., auto_host_sni: _Optional[bool] = ..., auto_sni_san_validation: _Optional[bool] = ..., allow_renegotiation: _Optional[bool] = ..., max_session_keys: _Optional[_Union[_wrappers_pb2.UInt32Value, _Mapping[str, object]]] = ..., enforce_rsa_key_usage: _Optional[_Union[_wrappers_pb2.BoolValue, _Mapping[str, object]]] = ...) -> None: ...
