import { join } from 'node:path';
import type { ControlPlaneIdentity } from './control-plane-identity.ts';
import { stagesFolder } from './part-catalog.ts';

/** Where etcd is and under which prefix a control plane keeps its objects. */
export interface EtcdAddress {
  readonly url: string;
  readonly prefix: string;
}

/** Arguments of etcd. Without `durable` it does not wait for the disk, which only suits data that a test throws away. */
export function etcdArguments(options: {
  readonly dataDir: string;
  readonly clientPort: number;
  readonly peerPort: number;
  readonly durable: boolean;
}): string[] {
  const client = `http://127.0.0.1:${options.clientPort}`;
  const peer = `http://127.0.0.1:${options.peerPort}`;
  return [
    `--data-dir=${options.dataDir}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--log-level=warn',
    '--heartbeat-interval=100',
    '--election-timeout=1000',
    '--snapshot-count=2000',
    ...(options.durable ? [] : ['--unsafe-no-fsync']),
  ];
}

/**
 * Arguments of kube-apiserver. The loopback advertise address and no endpoint reconciler let it start on a machine
 * without a network; ServiceAccount admission is off because nothing runs in the pods.
 */
export function apiServerArguments(identity: ControlPlaneIdentity, etcd: EtcdAddress, dir: string): string[] {
  const { files } = identity;
  return [
    `--etcd-servers=${etcd.url}`,
    `--etcd-prefix=${etcd.prefix}`,
    '--etcd-count-metric-poll-period=0',
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--secure-port=${identity.port}`,
    `--cert-dir=${join(dir, 'identity')}`,
    `--tls-cert-file=${files.certificate}`,
    `--tls-private-key-file=${files.key}`,
    `--client-ca-file=${files.ca}`,
    `--token-auth-file=${files.tokens}`,
    `--service-account-key-file=${files.serviceAccountPublicKey}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--service-cluster-ip-range=10.0.0.0/16',
    '--authorization-mode=RBAC',
    '--disable-admission-plugins=ServiceAccount',
    '--enable-priority-and-fairness=false',
    '--event-ttl=15m',
    '--profiling=false',
  ];
}

/** The controllers that act on what people deploy; the others only cost memory here. */
const controllers = [
  'clusterrole-aggregation-controller',
  'cronjob-controller',
  'daemonset-controller',
  'deployment-controller',
  'disruption-controller',
  'endpoints-controller',
  'endpointslice-controller',
  'garbage-collector-controller',
  'horizontal-pod-autoscaler-controller',
  'job-controller',
  'namespace-controller',
  'node-lifecycle-controller',
  'persistentvolume-binder-controller',
  'persistentvolumeclaim-protection-controller',
  'pod-garbage-collector-controller',
  'replicaset-controller',
  'replicationcontroller-controller',
  'resourcequota-controller',
  'root-ca-certificate-publisher-controller',
  'serviceaccount-controller',
  'statefulset-controller',
  'taint-eviction-controller',
  'ttl-after-finished-controller',
  'validatingadmissionpolicy-status-controller',
];

/**
 * Arguments of kube-controller-manager. The client limits are raised because the defaults bring only about five
 * Deployments a second to available; the long node grace lets a laptop sleep without losing its nodes. An autoscaler is
 * looked at a sync period after each change, and nothing is healthy before it has raised its target to `minReplicas`: with
 * the default of 15 s every stage of the example's first rollout would wait that long.
 */
export function controllerManagerArguments(identity: ControlPlaneIdentity): string[] {
  return [
    `--kubeconfig=${identity.kubeconfig}`,
    `--service-account-private-key-file=${identity.files.serviceAccountKey}`,
    `--root-ca-file=${identity.files.ca}`,
    `--controllers=${controllers.join(',')}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--profiling=false',
    '--kube-api-qps=100',
    '--kube-api-burst=200',
    '--concurrent-deployment-syncs=20',
    '--concurrent-replicaset-syncs=20',
    '--concurrent-statefulset-syncs=20',
    '--concurrent-job-syncs=10',
    '--concurrent-namespace-syncs=10',
    '--horizontal-pod-autoscaler-sync-period=1s',
    '--node-monitor-period=20s',
    '--node-monitor-grace-period=15m',
    '--node-startup-grace-period=15m',
  ];
}

/** Arguments of kube-scheduler. */
export function schedulerArguments(identity: ControlPlaneIdentity): string[] {
  return [
    `--kubeconfig=${identity.kubeconfig}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--profiling=false',
  ];
}

/** Arguments of kwok, which plays the kubelet of every node by the documents in `parts/stages`. */
export function kwokArguments(identity: ControlPlaneIdentity): string[] {
  return [
    `--kubeconfig=${identity.kubeconfig}`,
    '--manage-all-nodes=true',
    '--node-ip=10.0.0.1',
    `--config=${join(stagesFolder, 'node.yaml')}`,
    `--config=${join(stagesFolder, 'pod.yaml')}`,
    '--v=WARN',
  ];
}
