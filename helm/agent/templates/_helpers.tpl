{{- define "meridian.fullname" -}}
{{- $name := .Release.Name -}}
{{- if not (contains .Chart.Name $name) }}{{ $name = printf "%s-%s" $name .Chart.Name }}{{ end -}}
{{- .Values.fullnameOverride | default $name | trunc 52 | trimSuffix "-" -}}
{{- end -}}

{{- define "meridian.selectorLabels" -}}
app.kubernetes.io/name: meridian-agent
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "meridian.labels" -}}
{{ include "meridian.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/part-of: meridian
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "meridian.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (include "meridian.fullname" .) -}}
{{- end -}}

{{/* One egress rule: { ports: [..], to: [..] }. Without `to` the rule is about ports only. */}}
{{- define "meridian.egress" -}}
- ports:
    {{- range .ports }}
    - { protocol: TCP, port: {{ . }} }
    {{- end }}
  {{- with .to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "meridian.dnsEgress" -}}
- ports:
    - { protocol: UDP, port: 53 }
    - { protocol: TCP, port: 53 }
{{- end -}}

{{/*
Whom the agent may act as, as JSON: namespace ("" for all) to names, of which one is * when it may be anybody there.
An allowed account in a namespace that is written out needs the right only there.
*/}}
{{- define "meridian.impersonation" -}}
{{- $names := dict -}}
{{- with .Values.impersonation.serviceAccount }}{{ $_ := set $names "" (list .) }}{{ end -}}
{{- range .Values.impersonation.allowed -}}
{{- $parts := splitList "/" . -}}
{{- $namespace := ternary (first $parts) "" (and (eq (len $parts) 2) (not (contains "*" (first $parts)))) -}}
{{- $name := ternary "*" (last $parts) (contains "*" (last $parts)) -}}
{{- $_ := set $names $namespace (append (default list (index $names $namespace)) $name | uniq | sortAlpha) -}}
{{- end -}}
{{- toJson $names -}}
{{- end -}}

{{/* The rule for acting as service accounts with these names. */}}
{{- define "meridian.impersonate" -}}
apiGroups: ['']
resources: [serviceaccounts]
{{- if not (has "*" .) }}
resourceNames: {{ toJson . }}
{{- end }}
verbs: [impersonate]
{{- end -}}
