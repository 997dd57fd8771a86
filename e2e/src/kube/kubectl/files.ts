import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Writes the manifests that the sessions apply. `namespace` names what belongs to no namespace, so that sessions do not meet. */
export async function writeManifests(folder: string, namespace: string): Promise<void> {
  for (const [name, text] of Object.entries(manifests)) {
    await writeFile(join(folder, name), text.replaceAll('NS', namespace));
  }
}

const web = (replicas: number, image: string) => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app: web}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: ${image}
          ports: [{containerPort: 80}]
          readinessProbe: {httpGet: {path: /healthz, port: 80}}
          resources: {requests: {cpu: 100m}, limits: {nvidia.com/gpu: "1"}}
`;

const config = (name: string) => `apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, labels: {set: pair}}
data: {model: llama}
`;

const model = (spec: string) => `apiVersion: NS.example.com/v1
kind: Model
metadata: {name: llama}
spec: ${spec}
`;

const policy = (name: string, action: string, spec: string) => `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: NS-${name}, labels: {owner: NS}}
spec:
${spec}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: NS-${name}, labels: {owner: NS}}
spec:
  policyName: NS-${name}
  validationActions: [${action}]
  matchResources:
    namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: NS}}
`;

const images = `  matchConstraints:
    resourceRules:
      - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}
      - {apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  variables:
    - name: containers
      expression: "has(object.spec.template) ? object.spec.template.spec.containers : object.spec.containers"
  validations:
    - expression: "variables.containers.all(c, c.image.startsWith('registry.good/'))"
      messageExpression: "'images must come from registry.good: ' + variables.containers.map(c, c.image).join(', ')"
      reason: Forbidden`;

const team = `  matchConstraints:
    resourceRules:
      - {apiGroups: [''], apiVersions: [v1], operations: ['*'], resources: [configmaps]}
  validations:
    - expression: "request.operation == 'DELETE' || has(object.metadata.labels) && 'team' in object.metadata.labels"
      message: label team is missing`;

const bad = `  matchConstraints:
    resourceRules:
      - {apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods]}
  validations:
    - expression: request.nothing == 'x'
    - expression: object.spec.containers.size()
    - expression: nothing.spec == 1`;

const manifests: Readonly<Record<string, string>> = {
  'policies.yaml': `${policy('images', 'Deny', images)}---\n${policy('team', 'Warn', team)}`,
  'policy-bad.yaml': policy('bad', 'Deny', bad),
  'web.yaml': web(2, 'nginx:1.27'),
  'web-3.yaml': web(3, 'nginx:1.28'),
  'one.yaml': config('first'),
  'pair.yaml': `${config('first')}---\n${config('second')}`,
  'broken.yaml': `${config('third')}---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: broken}\nspec: {replica: 2, replicas: "two"}\n`,
  'unknown-kind.yaml': 'apiVersion: example.org/v1\nkind: Unknown\nmetadata: {name: x}\n',
  'kustomization.yaml': 'resources: [pair.yaml]\nnamePrefix: made-\ncommonAnnotations: {by: kustomize}\n',
  'node.yaml': `apiVersion: v1
kind: Node
metadata: {name: node-NS, labels: {owner: NS}}
`,
  'sets.yaml': `apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store}
spec:
  replicas: 2
  serviceName: store
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec: {containers: [{name: store, image: "redis:7"}]}
---
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: probe}
spec:
  selector: {matchLabels: {app: probe}}
  template:
    metadata: {labels: {app: probe}}
    spec: {containers: [{name: probe, image: "probe:1"}]}
---
apiVersion: v1
kind: Service
metadata: {name: store}
spec: {clusterIP: None, selector: {app: store}, ports: [{port: 6379}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: store}
spec: {minAvailable: 1, selector: {matchLabels: {app: store}}}
`,
  'huge.yaml': `apiVersion: v1
kind: Pod
metadata: {name: huge}
spec:
  containers:
    - {name: model, image: "llm:1", resources: {limits: {nvidia.com/gpu: "64"}}}
`,
  'model.yaml': model('{path: s3://models/llama, replicas: 2}'),
  'model-bad.yaml': model('{path: 7, replicas: -1, bogus: true}'),
  'model-crd.yaml': `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: models.NS.example.com}
spec:
  group: NS.example.com
  scope: Namespaced
  names: {plural: models, singular: model, kind: Model, shortNames: [mdl], categories: [all]}
  versions:
    - name: v1
      served: true
      storage: true
      additionalPrinterColumns:
        - {name: Path, type: string, jsonPath: .spec.path}
        - {name: Replicas, type: integer, jsonPath: .spec.replicas}
        - {name: Phase, type: string, jsonPath: .status.phase, priority: 1}
      subresources:
        status: {}
        scale: {specReplicasPath: .spec.replicas, statusReplicasPath: .status.replicas}
      schema:
        openAPIV3Schema:
          description: A model that is served.
          type: object
          required: [spec]
          properties:
            spec:
              description: What is wanted.
              type: object
              required: [path]
              properties:
                path: {description: Where the weights are., type: string, minLength: 3}
                replicas: {type: integer, minimum: 0, maximum: 100, default: 1}
                precision: {type: string, enum: [fp16, fp8], default: fp16}
            status:
              type: object
              properties:
                phase: {type: string}
                replicas: {type: integer}
`,
};
