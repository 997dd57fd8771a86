{{/* Generated from services/agent/src/rights.ts by `npm run generate`. Do not edit. */}}

{{- define "meridian.managedVerbs" -}}
[get, list, watch, create, patch, delete]
{{- end -}}

{{- define "meridian.readVerbs" -}}
[get, list, watch]
{{- end -}}

{{- define "meridian.clusterRights" -}}
# Reasons for a workload that is not healthy.
- apiGroups: ['']
  resources: [pods]
  verbs: [list]
# They tell whether an autoscaler adds a node for a pod that finds none.
- apiGroups: ['']
  resources: [events]
  verbs: [list]
# Where there is an autoscaler, replicas are its own, also when no bundle has it.
- apiGroups: [autoscaling]
  resources: [horizontalpodautoscalers]
  verbs: [list]
# Namespaces of bundles and of applications with createNamespace, and the uid of kube-system, which
# tells one cluster from another. Without delete: no mistake in git removes a namespace.
- apiGroups: ['']
  resources: [namespaces]
  verbs: [get, list, watch, create, patch]
{{- end -}}

{{- define "meridian.ownRights" -}}
# The agent's own state: high-water marks, last-known-good assignments, inventory.
- apiGroups: ['']
  resources: [secrets]
  verbs: [get, list, create, update]
{{- end -}}
