import type { Application } from '@meridian/fleet';

/** An application in a directory whose overlays are those of clusters. */
export function applicationOf(name: string, path: string): Application {
  return {
    name,
    path,
    labels: {},
    overlays: ['overlays/{cluster.name}'],
    placement: {},
    namespace: 'ml',
    rolloutStrategy: 'all',
    syncPolicy: { prune: true, selfHeal: true, createNamespace: true, deletionBudget: 0 },
  };
}

/** Files by path: a base of eight objects for each of `models`, and one overlay a cluster that does what overlays do. */
export function sampleOverlays(overlays: number, models: number): { readonly [path: string]: string } {
  const names = Array.from({ length: models }, (_, index) => `model-${index}`);
  const files: { [path: string]: string } = {
    'base/kustomization.yaml': `resources:\n${names.map((name) => `- ${name}.yaml\n`).join('')}`,
  };
  for (const name of names) files[`base/${name}.yaml`] = modelObjects(name);
  for (let index = 0; index < overlays; index += 1)
    for (const [file, text] of Object.entries(overlayFiles(index)))
      files[`overlays/c${index}/${file}`] = text;
  return files;
}

/** The same files with one line of the base changed, which changes every overlay's objects; `times` chooses its new value. */
export function withChangedBase(
  files: { readonly [path: string]: string },
  times = 1,
): { readonly [path: string]: string } {
  const path = 'base/model-0.yaml';
  return {
    ...files,
    [path]: (files[path] ?? '').replace('periodSeconds: 10', `periodSeconds: ${10 + times}`),
  };
}

/** The same files with the image of the base changed, which the images of every overlay are about; `times` chooses its new tag. */
export function withChangedImage(
  files: { readonly [path: string]: string },
  times = 1,
): { readonly [path: string]: string } {
  const path = 'base/model-0.yaml';
  return { ...files, [path]: (files[path] ?? '').replace('vllm:0.4.0', `vllm:0.4.${times}`) };
}

/** The same files with one line of one overlay changed. */
export function withChangedOverlay(
  files: { readonly [path: string]: string },
  index: number,
): { readonly [path: string]: string } {
  const path = `overlays/c${index}/kustomization.yaml`;
  return { ...files, [path]: (files[path] ?? '').replace(`0.5.${index}`, `0.6.${index}`) };
}

function overlayFiles(index: number): { readonly [file: string]: string } {
  const patch = (container: string) => `apiVersion: apps/v1
kind: Deployment
metadata: { name: model-0 }
spec:
  template:
    spec:
      containers:
        - name: server
          ${container}
`;
  return {
    'kustomization.yaml': `resources: [../../base]
namespace: region-${index}
namePrefix: r${index}-
labels:
  - pairs: { region: r${index}, fleet: ml }
    includeTemplates: true
images:
  - { name: registry.example/vllm, newTag: 0.5.${index} }
replicas:
  - { name: model-0, count: ${1 + (index % 9)} }
patches:
  - path: resources.yaml
  - path: env.yaml
  - target: { kind: HorizontalPodAutoscaler, name: model.* }
    patch: |-
      - op: replace
        path: /spec/maxReplicas
        value: ${8 + (index % 9)}
`,
    'resources.yaml': patch(`resources: { requests: { memory: ${16 + index}Gi } }`),
    'env.yaml': patch(`env: [{ name: REGION, value: r${index} }]`),
  };
}

function modelObjects(name: string): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
  labels: { app: ${name} }
spec:
  replicas: 1
  selector: { matchLabels: { app: ${name} } }
  template:
    metadata: { labels: { app: ${name} } }
    spec:
      serviceAccountName: ${name}
      initContainers:
        - name: fetch
          image: registry.example/fetch:1.0
          args: ['--model', 'llama', '--out', '/models']
          volumeMounts: [{ name: models, mountPath: /models }]
      containers:
        - name: server
          image: registry.example/vllm:0.4.0
          args: ['--port=8000']
          ports: [{ containerPort: 8000, protocol: TCP, name: http }]
          env:
            - { name: MODEL, value: llama }
            - { name: LOG, value: info }
          envFrom: [{ configMapRef: { name: ${name}-settings } }]
          resources:
            requests: { cpu: '4', memory: 16Gi, nvidia.com/gpu: '1' }
            limits: { nvidia.com/gpu: '1' }
          readinessProbe: { httpGet: { path: /health, port: http }, periodSeconds: 10 }
          livenessProbe: { httpGet: { path: /health, port: http }, initialDelaySeconds: 60 }
          volumeMounts: [{ name: models, mountPath: /models }]
      volumes: [{ name: models, emptyDir: {} }]
---
apiVersion: v1
kind: Service
metadata: { name: ${name} }
spec:
  selector: { app: ${name} }
  ports: [{ name: http, port: 80, targetPort: http }]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: ${name} }
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: ${name} }
  minReplicas: 1
  maxReplicas: 8
---
apiVersion: v1
kind: ConfigMap
metadata: { name: ${name}-settings }
data: { a: '1', b: two, c: three }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: ${name} }
spec: { minAvailable: 1, selector: { matchLabels: { app: ${name} } } }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: ${name} }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: ${name} }
spec: { podSelector: { matchLabels: { app: ${name} } }, policyTypes: [Ingress] }
---
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata: { name: ${name} }
spec: { selector: { matchLabels: { app: ${name} } }, endpoints: [{ port: http }] }
`;
}
