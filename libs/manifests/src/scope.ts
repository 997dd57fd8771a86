/** Cluster-scoped kinds of Kubernetes itself, by group. */
const builtInKinds: Readonly<Record<string, readonly string[]>> = {
  '': ['ComponentStatus', 'Namespace', 'Node', 'PersistentVolume'],
  'admissionregistration.k8s.io': [
    'MutatingAdmissionPolicy',
    'MutatingAdmissionPolicyBinding',
    'MutatingWebhookConfiguration',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'ValidatingWebhookConfiguration',
  ],
  'apiextensions.k8s.io': ['CustomResourceDefinition'],
  'apiregistration.k8s.io': ['APIService'],
  'authentication.k8s.io': ['SelfSubjectReview', 'TokenReview'],
  'authorization.k8s.io': ['SelfSubjectAccessReview', 'SelfSubjectRulesReview', 'SubjectAccessReview'],
  'certificates.k8s.io': ['CertificateSigningRequest', 'ClusterTrustBundle'],
  'flowcontrol.apiserver.k8s.io': ['FlowSchema', 'PriorityLevelConfiguration'],
  'networking.k8s.io': ['IPAddress', 'IngressClass', 'ServiceCIDR'],
  'node.k8s.io': ['RuntimeClass'],
  policy: ['PodSecurityPolicy'],
  'rbac.authorization.k8s.io': ['ClusterRole', 'ClusterRoleBinding'],
  'resource.k8s.io': ['DeviceClass', 'ResourceSlice'],
  'scheduling.k8s.io': ['PriorityClass'],
  'storage.k8s.io': ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment', 'VolumeAttributesClass'],
};

/** Cluster-scoped kinds of add-ons that ML fleets use, by group. */
const addOnKinds: Readonly<Record<string, readonly string[]>> = {
  'cert-manager.io': ['ClusterIssuer'],
  'external-secrets.io': ['ClusterExternalSecret', 'ClusterSecretStore'],
  'gateway.networking.k8s.io': ['GatewayClass'],
  'karpenter.sh': ['NodeClaim', 'NodePool'],
  'kueue.x-k8s.io': [
    'AdmissionCheck',
    'ClusterQueue',
    'Cohort',
    'ResourceFlavor',
    'Topology',
    'WorkloadPriorityClass',
  ],
  'kyverno.io': ['ClusterCleanupPolicy', 'ClusterPolicy'],
  'nvidia.com': ['ClusterPolicy', 'NVIDIADriver'],
  'serving.kserve.io': ['ClusterServingRuntime', 'ClusterStorageContainer'],
  'snapshot.storage.k8s.io': ['VolumeSnapshotClass', 'VolumeSnapshotContent'],
};

const clusterScoped: ReadonlySet<string> = new Set(
  [builtInKinds, addOnKinds].flatMap((kinds) =>
    Object.entries(kinds).flatMap(([group, names]) => names.map((kind) => `${group}/${kind}`)),
  ),
);

/** Whether a kind is known to live outside namespaces. A kind that is not in the table counts as namespaced. */
export function isClusterScoped(group: string, kind: string): boolean {
  return clusterScoped.has(`${group}/${kind}`);
}
