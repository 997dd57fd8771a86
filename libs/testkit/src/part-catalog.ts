import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Outside programs that a control plane, a broker or a lock store runs on. */
export type PartName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kubectl'
  | 'kwok'
  | 'helm'
  | 'kustomize-5.5'
  | 'kustomize-5.8'
  | 'nats-server'
  | 'redis-server'
  | 'prometheus'
  | 'git';

/** Which go.mod of `parts/` builds a part, from which main package. */
export interface GoSource {
  readonly module: 'servers' | 'kubernetes' | 'kustomize-5.5' | 'kustomize-5.8';
  readonly package: string;
  /** About how long the first build takes on two cores, for the person who waits. */
  readonly firstBuild: string;
}

/** Where a part may come from. */
export interface PartSource {
  /** The program is taken from PATH when it is there: any version people run will do. */
  readonly onPath: boolean;
  /** The program is looked for in KUBEBUILDER_ASSETS too. */
  readonly inKubebuilderAssets?: boolean;
  /** Oldest version on PATH that serves, as [major, minor]. */
  readonly atLeast?: readonly [number, number];
  readonly go?: GoSource;
  /** Name of the Debian and of the Homebrew package, where there is one. */
  readonly debian?: string;
  readonly homebrew?: string;
}

const kubernetes = (name: string, firstBuild: string): GoSource => ({
  module: 'kubernetes',
  package: `k8s.io/kubernetes/cmd/${name}`,
  firstBuild,
});

const server = (path: string, firstBuild: string): GoSource => ({
  module: 'servers',
  package: path,
  firstBuild,
});

/** Each version has a go.mod of its own, since one go.mod holds one version, and the libraries of each decide what it does. */
const kustomize = (module: 'kustomize-5.5' | 'kustomize-5.8'): GoSource => ({
  module,
  package: 'sigs.k8s.io/kustomize/kustomize/v5',
  firstBuild: 'half a minute',
});

/** A way to install a part. */
export type Way = 'go' | 'debian' | 'homebrew';

/**
 * The ways to install a part in the order in which they are tried. Where there is no Go yet its packages come first: they
 * are small beside a Go installation.
 */
export function waysOf(source: PartSource, hasGo: boolean): readonly Way[] {
  const packages = (['debian', 'homebrew'] as const).filter((way) => source[way] !== undefined);
  if (source.go === undefined) return packages;
  return hasGo ? ['go', ...packages] : [...packages, 'go'];
}

/** Every part and its ways in. What is on the machine already is taken first. */
export const partSources: { readonly [name in PartName]: PartSource } = {
  etcd: {
    onPath: false,
    inKubebuilderAssets: true,
    go: server('go.etcd.io/etcd/server/v3', 'half a minute'),
  },
  'kube-apiserver': { onPath: false, inKubebuilderAssets: true, go: kubernetes('kube-apiserver', '4 min') },
  'kube-controller-manager': { onPath: false, go: kubernetes('kube-controller-manager', '1 min') },
  'kube-scheduler': { onPath: false, go: kubernetes('kube-scheduler', 'half a minute') },
  kubectl: {
    onPath: true,
    inKubebuilderAssets: true,
    go: kubernetes('kubectl', '1 min'),
    homebrew: 'kubernetes-cli',
  },
  kwok: { onPath: false, go: server('sigs.k8s.io/kwok/cmd/kwok', '1 min') },
  helm: { onPath: true, go: server('helm.sh/helm/v4/cmd/helm', '1 min'), homebrew: 'helm' },
  // The two versions that libs/kustomize follows byte for byte: never another one from PATH.
  'kustomize-5.5': { onPath: false, go: kustomize('kustomize-5.5') },
  'kustomize-5.8': { onPath: false, go: kustomize('kustomize-5.8') },
  'nats-server': {
    onPath: true,
    atLeast: [2, 9],
    go: server('github.com/nats-io/nats-server/v2', 'half a minute'),
    debian: 'nats-server',
    homebrew: 'nats-server',
  },
  'redis-server': { onPath: true, debian: 'redis-server', homebrew: 'redis' },
  // Any version will do; a Go build would take longer than all others together.
  prometheus: { onPath: true, debian: 'prometheus', homebrew: 'prometheus' },
  git: { onPath: true, debian: 'git', homebrew: 'git' },
};

const partsFolder = join(import.meta.dirname, '..', 'parts');

/** The folder with the go.mod that builds a part. */
export function goModuleFolder(module: GoSource['module']): string {
  return join(partsFolder, module);
}

/** Folder of the Stage documents that tell kwok how nodes and pods live. */
export const stagesFolder = join(partsFolder, 'stages');

/** Linker flags of a module's programs; Kubernetes programs call themselves v0.0.0 without them. */
export function linkerFlags(module: GoSource['module']): string {
  if (module !== 'kubernetes') return '-s -w';
  const goMod = readFileSync(join(goModuleFolder('kubernetes'), 'go.mod'), 'utf8');
  const found = /\bk8s\.io\/kubernetes (v(\d+)\.(\d+)\.\d+)/.exec(goMod);
  if (!found) throw new Error(`${goModuleFolder('kubernetes')}/go.mod names no version of k8s.io/kubernetes`);
  const [, version = '', major = '', minor = ''] = found;
  const target = 'k8s.io/component-base/version';
  return `-s -w -X ${target}.gitVersion=${version} -X ${target}.gitMajor=${major} -X ${target}.gitMinor=${minor}`;
}
