//! The numbers under which the fields of messages travel, for the kinds that clients create in
//! protobuf: kubectl's `create`, `auth can-i` and `autoscale` commands.

use std::collections::HashMap;
use std::sync::LazyLock;

/// A field of a message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub(super) number: u64,
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

/// What a field holds. The given ones are pointers: sent only when set, so zero counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Texts,
    Number,
    GivenNumber,
    Flag,
    GivenFlag,
    Time,
    Quantity,
    NumberOrText,
    TextMap,
    BytesMap,
    QuantityMap,
    Message(&'static str),
    Messages(&'static str),
    /// Left out: what a creator says of the status counts for nothing.
    Nothing,
    /// A message whose fields stand among those of the outer one.
    Inline(&'static str),
}

/// The fields of a message.
pub(super) fn message(name: &str) -> Option<&'static [Field]> {
    TABLE.get(name).map(Vec::as_slice)
}

static TABLE: LazyLock<HashMap<&'static str, Vec<Field>>> = LazyLock::new(|| {
    let lines = TEXT.lines().filter_map(|line| line.split_once(':'));
    lines
        .map(|(name, fields)| (name.trim(), fields.split(',').filter_map(field).collect()))
        .collect()
});

fn field(text: &'static str) -> Option<Field> {
    let mut parts = text.split_whitespace();
    let (number, name, kind) = (parts.next()?.parse().ok()?, parts.next()?, parts.next()?);
    let kind = match kind {
        "-" => Kind::Nothing,
        "s" => Kind::Text,
        "s*" => Kind::Texts,
        "i" => Kind::Number,
        "i?" => Kind::GivenNumber,
        "b" => Kind::Flag,
        "b?" => Kind::GivenFlag,
        "time" => Kind::Time,
        "qty" => Kind::Quantity,
        "int-or-s" => Kind::NumberOrText,
        "map" => Kind::TextMap,
        "map-bytes" => Kind::BytesMap,
        "map-qty" => Kind::QuantityMap,
        other => match (other.strip_suffix('*'), other.strip_prefix('+')) {
            (Some(items), _) => Kind::Messages(items),
            (_, Some(inline)) => Kind::Inline(inline),
            _ => Kind::Message(other),
        },
    };
    Some(Field { number, name, kind })
}

// Message: number name kind, …  A star is a list, a plus stands inline, a question mark is a pointer.
const TEXT: &str = "\
ObjectMeta: 1 name s, 2 generateName s, 3 namespace s, 5 uid s, 6 resourceVersion s, 7 generation i, 8 creationTimestamp time, 9 deletionTimestamp time, 10 deletionGracePeriodSeconds i?, 11 labels map, 12 annotations map, 13 ownerReferences OwnerReference*, 14 finalizers s*
OwnerReference: 1 kind s, 3 name s, 4 uid s, 5 apiVersion s, 6 controller b?, 7 blockOwnerDeletion b?
LabelSelector: 1 matchLabels map, 2 matchExpressions Requirement*
Requirement: 1 key s, 2 operator s, 3 values s*
SelfSubjectAccessReview: 1 metadata ObjectMeta, 2 spec AccessSpec, 3 status -
SubjectAccessReview: 1 metadata ObjectMeta, 2 spec AccessSpec, 3 status -
LocalSubjectAccessReview: 1 metadata ObjectMeta, 2 spec AccessSpec, 3 status -
AccessSpec: 1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes PathAttributes, 3 user s, 4 groups s*, 6 uid s
ResourceAttributes: 1 namespace s, 2 verb s, 3 group s, 4 version s, 5 resource s, 6 subresource s, 7 name s
PathAttributes: 1 path s, 2 verb s
SelfSubjectRulesReview: 1 metadata ObjectMeta, 2 spec RulesSpec, 3 status -
RulesSpec: 1 namespace s
SelfSubjectReview: 1 metadata ObjectMeta, 2 status -
TokenRequest: 1 metadata ObjectMeta, 2 spec TokenSpec, 3 status -
TokenSpec: 1 audiences s*, 3 boundObjectRef BoundReference, 4 expirationSeconds i?
BoundReference: 1 kind s, 2 apiVersion s, 3 name s, 4 uid s
Namespace: 1 metadata ObjectMeta, 2 spec NamespaceSpec, 3 status -
NamespaceSpec: 1 finalizers s*
ConfigMap: 1 metadata ObjectMeta, 2 data map, 3 binaryData map-bytes, 4 immutable b?
Secret: 1 metadata ObjectMeta, 2 data map-bytes, 3 type s, 4 stringData map, 5 immutable b?
ServiceAccount: 1 metadata ObjectMeta, 2 secrets ObjectReference*, 3 imagePullSecrets LocalReference*, 4 automountServiceAccountToken b?
ObjectReference: 1 kind s, 2 namespace s, 3 name s, 4 uid s, 5 apiVersion s, 6 resourceVersion s, 7 fieldPath s
LocalReference: 1 name s
ResourceQuota: 1 metadata ObjectMeta, 2 spec QuotaSpec, 3 status -
QuotaSpec: 1 hard map-qty, 2 scopes s*
Role: 1 metadata ObjectMeta, 2 rules PolicyRule*
ClusterRole: 1 metadata ObjectMeta, 2 rules PolicyRule*, 3 aggregationRule AggregationRule
AggregationRule: 1 clusterRoleSelectors LabelSelector*
PolicyRule: 1 verbs s*, 2 apiGroups s*, 3 resources s*, 4 resourceNames s*, 5 nonResourceURLs s*
RoleBinding: 1 metadata ObjectMeta, 2 subjects Subject*, 3 roleRef RoleRef
ClusterRoleBinding: 1 metadata ObjectMeta, 2 subjects Subject*, 3 roleRef RoleRef
Subject: 1 kind s, 2 apiGroup s, 3 name s, 4 namespace s
RoleRef: 1 apiGroup s, 2 kind s, 3 name s
PriorityClass: 1 metadata ObjectMeta, 2 value i, 3 globalDefault b, 4 description s, 5 preemptionPolicy s
PodDisruptionBudget: 1 metadata ObjectMeta, 2 spec BudgetSpec, 3 status -
BudgetSpec: 1 minAvailable int-or-s, 2 selector LabelSelector, 3 maxUnavailable int-or-s, 4 unhealthyPodEvictionPolicy s
HorizontalPodAutoscaler: 1 metadata ObjectMeta, 2 spec AutoscalerSpec, 3 status -
AutoscalerSpec: 1 scaleTargetRef ScaleTarget, 2 minReplicas i?, 3 maxReplicas i, 4 metrics Metric*
HorizontalPodAutoscalerV1: 1 metadata ObjectMeta, 2 spec AutoscalerSpecV1, 3 status -
AutoscalerSpecV1: 1 scaleTargetRef ScaleTarget, 2 minReplicas i?, 3 maxReplicas i, 4 targetCPUUtilizationPercentage i?
ScaleTarget: 1 kind s, 2 name s, 3 apiVersion s
Metric: 1 type s, 4 resource ResourceMetric
ResourceMetric: 1 name s, 2 target MetricTarget
MetricTarget: 1 type s, 2 value qty, 3 averageValue qty, 4 averageUtilization i?
Service: 1 metadata ObjectMeta, 2 spec ServiceSpec, 3 status -
ServiceSpec: 1 ports ServicePort*, 2 selector map, 3 clusterIP s, 4 type s, 5 externalIPs s*, 7 sessionAffinity s, 8 loadBalancerIP s, 10 externalName s, 11 externalTrafficPolicy s, 18 clusterIPs s*
ServicePort: 1 name s, 2 protocol s, 3 port i, 4 targetPort int-or-s, 5 nodePort i, 6 appProtocol s
Ingress: 1 metadata ObjectMeta, 2 spec IngressSpec, 3 status -
IngressSpec: 1 defaultBackend IngressBackend, 2 tls IngressTls*, 3 rules IngressRule*, 4 ingressClassName s
IngressTls: 1 hosts s*, 2 secretName s
IngressRule: 1 host s, 2 value +IngressRuleValue
IngressRuleValue: 1 http IngressHttp
IngressHttp: 1 paths IngressPath*
IngressPath: 1 path s, 2 backend IngressBackend, 3 pathType s
IngressBackend: 3 resource TypedReference, 4 service IngressService
TypedReference: 1 apiGroup s, 2 kind s, 3 name s
IngressService: 1 name s, 2 port IngressPort
IngressPort: 1 name s, 2 number i
Deployment: 1 metadata ObjectMeta, 2 spec DeploymentSpec, 3 status -
DeploymentSpec: 1 replicas i?, 2 selector LabelSelector, 3 template PodTemplate, 4 strategy Strategy, 5 minReadySeconds i, 6 revisionHistoryLimit i?, 7 paused b, 9 progressDeadlineSeconds i?
Strategy: 1 type s, 2 rollingUpdate RollingUpdate
RollingUpdate: 1 maxUnavailable int-or-s, 2 maxSurge int-or-s
Job: 1 metadata ObjectMeta, 2 spec JobSpec, 3 status -
JobSpec: 1 parallelism i?, 2 completions i?, 3 activeDeadlineSeconds i?, 4 selector LabelSelector, 5 manualSelector b?, 6 template PodTemplate, 7 backoffLimit i?, 8 ttlSecondsAfterFinished i?, 9 completionMode s, 10 suspend b?
CronJob: 1 metadata ObjectMeta, 2 spec CronJobSpec, 3 status -
CronJobSpec: 1 schedule s, 2 startingDeadlineSeconds i?, 3 concurrencyPolicy s, 4 suspend b?, 5 jobTemplate JobTemplate, 6 successfulJobsHistoryLimit i?, 7 failedJobsHistoryLimit i?, 8 timeZone s
JobTemplate: 1 metadata ObjectMeta, 2 spec JobSpec
PodTemplate: 1 metadata ObjectMeta, 2 spec PodSpec
Pod: 1 metadata ObjectMeta, 2 spec PodSpec, 3 status -
PodSpec: 1 volumes Volume*, 2 containers Container*, 3 restartPolicy s, 4 terminationGracePeriodSeconds i?, 5 activeDeadlineSeconds i?, 6 dnsPolicy s, 7 nodeSelector map, 8 serviceAccountName s, 9 serviceAccount s, 10 nodeName s, 11 hostNetwork b, 12 hostPID b, 13 hostIPC b, 14 securityContext PodSecurity, 15 imagePullSecrets LocalReference*, 16 hostname s, 17 subdomain s, 19 schedulerName s, 20 initContainers Container*, 21 automountServiceAccountToken b?, 22 tolerations Toleration*, 24 priorityClassName s, 25 priority i?, 30 enableServiceLinks b?, 31 preemptionPolicy s
PodSecurity: 2 runAsUser i?, 3 runAsNonRoot b?, 5 fsGroup i?, 6 runAsGroup i?
Toleration: 1 key s, 2 operator s, 3 value s, 4 effect s, 5 tolerationSeconds i?
Container: 1 name s, 2 image s, 3 command s*, 4 args s*, 5 workingDir s, 6 ports ContainerPort*, 7 env Variable*, 8 resources Resources, 9 volumeMounts VolumeMount*, 10 livenessProbe Probe, 11 readinessProbe Probe, 13 terminationMessagePath s, 14 imagePullPolicy s, 15 securityContext ContainerSecurity, 16 stdin b, 17 stdinOnce b, 18 tty b, 19 envFrom VariableSource*, 20 terminationMessagePolicy s, 22 startupProbe Probe, 24 restartPolicy s
ContainerPort: 1 name s, 2 hostPort i, 3 containerPort i, 4 protocol s, 5 hostIP s
Variable: 1 name s, 2 value s, 3 valueFrom ValueSource
ValueSource: 1 fieldRef FieldReference, 2 resourceFieldRef ResourceReference, 3 configMapKeyRef KeyReference, 4 secretKeyRef KeyReference
FieldReference: 1 apiVersion s, 2 fieldPath s
ResourceReference: 1 containerName s, 2 resource s, 3 divisor qty
KeyReference: 1 name +LocalReference, 2 key s, 3 optional b?
VariableSource: 1 prefix s, 2 configMapRef MapReference, 3 secretRef MapReference
MapReference: 1 name +LocalReference, 2 optional b?
Resources: 1 limits map-qty, 2 requests map-qty
VolumeMount: 1 name s, 2 readOnly b, 3 mountPath s, 4 subPath s, 6 subPathExpr s
ContainerSecurity: 2 privileged b?, 4 runAsUser i?, 5 runAsNonRoot b?, 6 readOnlyRootFilesystem b?, 7 allowPrivilegeEscalation b?, 8 runAsGroup i?
Probe: 1 handler +ProbeHandler, 2 initialDelaySeconds i, 3 timeoutSeconds i, 4 periodSeconds i, 5 successThreshold i, 6 failureThreshold i, 7 terminationGracePeriodSeconds i?
ProbeHandler: 1 exec ExecProbe, 2 httpGet HttpProbe, 3 tcpSocket TcpProbe, 4 grpc GrpcProbe
ExecProbe: 1 command s*
HttpProbe: 1 path s, 2 port int-or-s, 3 host s, 4 scheme s, 5 httpHeaders HttpHeader*
HttpHeader: 1 name s, 2 value s
TcpProbe: 1 port int-or-s, 2 host s
GrpcProbe: 1 port i, 2 service s
Volume: 1 name s, 2 source +VolumeSource
VolumeSource: 1 hostPath HostPath, 2 emptyDir EmptyDir, 6 secret SecretVolume, 10 persistentVolumeClaim ClaimVolume, 19 configMap MapVolume
HostPath: 1 path s, 2 type s
EmptyDir: 1 medium s, 2 sizeLimit qty
SecretVolume: 1 secretName s, 2 items KeyPath*, 3 defaultMode i?, 4 optional b?
MapVolume: 1 name +LocalReference, 2 items KeyPath*, 3 defaultMode i?, 4 optional b?
ClaimVolume: 1 claimName s, 2 readOnly b
KeyPath: 1 key s, 2 path s, 3 mode i?
";
