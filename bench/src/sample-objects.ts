/** One object to apply: its path in the API and what it is. */
export interface SampleObject {
  readonly path: string;
  readonly object: object;
}

const namespace = 'bench';

/** The namespace that all sample objects are in. */
export const sampleNamespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };

/**
 * `count` objects as a platform deploys them: six ConfigMaps to two Services and two Deployments without replicas. `version`
 * is part of every object, so that another one makes each apply a change.
 */
export function sampleObjects(count: number, version: number): SampleObject[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = kinds[index % kinds.length] ?? configMap;
    return kind(`sample-${index}`, String(version));
  });
}

type Kind = (name: string, version: string) => SampleObject;

const configMap: Kind = (name, version) =>
  sample('/api/v1', 'configmaps', head('v1', 'ConfigMap', name, version), {
    data: { version, settings: `model: llama\nprecision: fp8\nbatch: 32\nname: ${name}\n` },
  });

const service: Kind = (name, version) =>
  sample('/api/v1', 'services', head('v1', 'Service', name, version), {
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  });

const deployment: Kind = (name, version) =>
  sample('/apis/apps/v1', 'deployments', head('apps/v1', 'Deployment', name, version), {
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [container(version)] } },
    },
  });

const kinds: readonly Kind[] = [
  ...Array.from({ length: 6 }, () => configMap),
  ...[service, service],
  ...[deployment, deployment],
];

function container(version: string): object {
  return {
    name: 'server',
    image: `registry.example/inference:${version}`,
    ports: [{ containerPort: 8080 }],
    env: [{ name: 'VERSION', value: version }],
    resources: { requests: { cpu: '1', memory: '1Gi' } },
  };
}

interface Head {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels: { readonly [name: string]: string } };
}

function head(apiVersion: string, kind: string, name: string, version: string): Head {
  return { apiVersion, kind, metadata: { name, labels: { app: name, version } } };
}

function sample(group: string, plural: string, named: Head, content: object): SampleObject {
  const path = `${group}/namespaces/${namespace}/${plural}/${named.metadata.name}`;
  return { path, object: { ...named, ...content } };
}
