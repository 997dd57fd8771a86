/** One object to apply: its path in the API and what it is. */
export interface SampleObject {
  readonly path: string;
  readonly object: object;
}

/** Which state of which objects, and where. */
export interface SampleOptions {
  /** Part of every object, so that another one makes each apply a change. */
  readonly version: number;
  readonly namespace: string;
}

/** `count` objects as a platform deploys them: six ConfigMaps to two Services and two Deployments without replicas. */
export function sampleObjects(count: number, options: SampleOptions): SampleObject[] {
  return samplesOf(count, kinds, options);
}

/** `count` ConfigMaps of the same make. */
export function sampleConfigMaps(count: number, options: SampleOptions): SampleObject[] {
  return samplesOf(count, [configMap], options);
}

function samplesOf(
  count: number,
  each: readonly Kind[],
  { version, namespace }: SampleOptions,
): SampleObject[] {
  return Array.from({ length: count }, (_, index) => {
    const kind = each[index % each.length] ?? configMap;
    return kind({ name: `sample-${index}`, version: String(version), namespace });
  });
}

interface Sample {
  readonly name: string;
  readonly version: string;
  readonly namespace: string;
}

type Kind = (sample: Sample) => SampleObject;

const configMap: Kind = ({ name, version, namespace }) =>
  sample(namespace, ['/api/v1', 'configmaps'], head('v1', 'ConfigMap', name, version), {
    data: { version, settings: `model: llama\nprecision: fp8\nbatch: 32\nname: ${name}\n` },
  });

const service: Kind = ({ name, version, namespace }) =>
  sample(namespace, ['/api/v1', 'services'], head('v1', 'Service', name, version), {
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  });

const deployment: Kind = ({ name, version, namespace }) =>
  sample(namespace, ['/apis/apps/v1', 'deployments'], head('apps/v1', 'Deployment', name, version), {
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

function sample(
  namespace: string,
  [group, plural]: readonly [string, string],
  named: Head,
  content: object,
): SampleObject {
  const path = `${group}/namespaces/${namespace}/${plural}/${named.metadata.name}`;
  return { path, object: { ...named, ...content } };
}
