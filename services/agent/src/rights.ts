/** A rule of the agent's role, and what it is needed for. */
export interface AgentRight {
  /** Shown in the chart beside the rule. */
  readonly why: string;
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** What the agent does with each kind that it manages. Server-side apply is a patch, and a create when the object is new. */
export const managedVerbs = ['get', 'list', 'watch', 'create', 'patch', 'delete'] as const;

/** What it does itself where service accounts of the applications do the rest (`MERIDIAN_SERVICE_ACCOUNT`). */
export const readVerbs = ['get', 'list', 'watch'] as const;

/** What the agent needs in all namespaces besides the kinds that it manages. */
export const clusterRights: readonly AgentRight[] = [
  {
    why: 'Reasons for a workload that is not healthy.',
    apiGroups: [''],
    resources: ['pods'],
    verbs: ['list'],
  },
  {
    why: 'They tell whether an autoscaler adds a node for a pod that finds none.',
    apiGroups: [''],
    resources: ['events'],
    verbs: ['list'],
  },
  {
    why: 'Where there is an autoscaler, replicas are its own, also when no bundle has it.',
    apiGroups: ['autoscaling'],
    resources: ['horizontalpodautoscalers'],
    verbs: ['list'],
  },
  {
    why:
      'Namespaces of bundles and of applications with createNamespace, and the uid of kube-system, which tells one cluster ' +
      'from another. Without delete: no mistake in git removes a namespace.',
    apiGroups: [''],
    resources: ['namespaces'],
    verbs: ['get', 'list', 'watch', 'create', 'patch'],
  },
];

/** What the agent needs in its own namespace. */
export const ownRights: readonly AgentRight[] = [
  {
    why: "The agent's own state: high-water marks, last-known-good assignments, inventory.",
    apiGroups: [''],
    resources: ['secrets'],
    verbs: ['get', 'list', 'create', 'update'],
  },
];
