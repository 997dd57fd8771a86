import type { Dice } from '../../kube/dice.ts';
import { names, namespaces, oddScalar, valueScalar } from './scalars.ts';
import { maybe, several, workloads } from './workloads.ts';
import type { YamlMap } from './yaml.ts';

/** An object of a made tree. */
export interface MadeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly yaml: YamlMap;
}

type Make = (dice: Dice, name: string) => YamlMap;

const data = (dice: Dice): YamlMap =>
  Object.fromEntries(several(dice, 3, (at) => [`k${at}`, oddScalar(dice)]));
const subjects: Make = (dice) => ({
  roleRef: {
    apiGroup: 'rbac.authorization.k8s.io',
    kind: dice.pick(['Role', 'ClusterRole']),
    name: dice.pick(names),
  },
  subjects: several(dice, 2, () => ({
    kind: dice.pick(['ServiceAccount', 'User']),
    name: dice.pick([...names, 'default']),
    ...maybe(dice, 0.6, () => ({ namespace: dice.pick([...namespaces, 'default']) })),
  })),
});

const plainKinds: { readonly [kind: string]: Make } = {
  'v1 ConfigMap': (dice) => ({ data: data(dice) }),
  'v1 Secret': (dice) => ({
    type: 'Opaque',
    data: { k: 'c2VjcmV0' },
    ...maybe(dice, 0.3, () => ({ stringData: data(dice) })),
  }),
  'v1 Service': (dice, name) => ({
    spec: {
      selector: { app: name },
      ports: several(dice, 3, (at) => ({
        port: dice.pick(['80', `80${at}`]),
        ...maybe(dice, 0.5, () => ({ protocol: dice.pick(['TCP', 'UDP']) })),
        ...maybe(dice, 0.5, () => ({ name: `p${at}`, targetPort: dice.pick(['http', '8080']) })),
      })),
    },
  }),
  'v1 ServiceAccount': (dice) =>
    maybe(dice, 0.4, () => ({
      secrets: [{ name: dice.pick(names) }],
      imagePullSecrets: [{ name: dice.pick(names) }],
    })),
  'v1 Namespace': () => ({}),
  'v1 PersistentVolumeClaim': (dice) => ({
    spec: { accessModes: ['ReadWriteOnce'], ...maybe(dice, 0.5, () => ({ volumeName: dice.pick(names) })) },
  }),
  'v1 PersistentVolume': (dice) => ({
    spec: { claimRef: { name: dice.pick(names), ...maybe(dice, 0.5, () => ({ namespace: 'prod' })) } },
  }),
  'rbac.authorization.k8s.io/v1 Role': (dice) => ({
    rules: [{ apiGroups: ['""'], resources: ['secrets'], resourceNames: [dice.pick(names)], verbs: ['get'] }],
  }),
  'rbac.authorization.k8s.io/v1 ClusterRole': (dice) => ({
    rules: [{ apiGroups: ['""'], resources: ['pods'], verbs: ['get', dice.pick(['list', '"*"'])] }],
  }),
  'rbac.authorization.k8s.io/v1 RoleBinding': subjects,
  'rbac.authorization.k8s.io/v1 ClusterRoleBinding': subjects,
  'networking.k8s.io/v1 Ingress': (dice) => ({
    spec: {
      tls: [{ hosts: ['a.example'], secretName: dice.pick(names) }],
      rules: several(dice, 2, (at) => ({
        host: `h${at}.example`,
        http: {
          paths: [
            {
              path: '/',
              pathType: 'Prefix',
              backend: { service: { name: dice.pick(names), port: { number: '80' } } },
            },
          ],
        },
      })),
    },
  }),
  'networking.k8s.io/v1 NetworkPolicy': (dice, name) => ({
    spec: {
      podSelector: { matchLabels: { app: name } },
      ingress: [{ from: [{ podSelector: { matchLabels: { app: dice.pick(names) } } }] }],
    },
  }),
  'policy/v1 PodDisruptionBudget': (_dice, name) => ({
    spec: { minAvailable: '1', selector: { matchLabels: { app: name } } },
  }),
  'autoscaling/v2 HorizontalPodAutoscaler': (dice) => ({
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: dice.pick(names) },
      metrics: [{ type: 'Resource' }, { type: 'Pods' }],
    },
  }),
  'apiextensions.k8s.io/v1 CustomResourceDefinition': (dice) => ({
    spec: {
      group: 'example.com',
      names: { kind: 'Server', plural: 'servers' },
      ...maybe(dice, 0.5, () => ({
        conversion: {
          webhook: { clientConfig: { service: { name: dice.pick(names), namespace: 'system' } } },
        },
      })),
    },
  }),
  'admissionregistration.k8s.io/v1 ValidatingWebhookConfiguration': (dice) => ({
    webhooks: several(dice, 2, (at) => ({
      name: `w${at}.example.com`,
      clientConfig: { service: { name: dice.pick(names), namespace: dice.pick(namespaces) } },
    })),
  }),
  'apiregistration.k8s.io/v1 APIService': (dice) => ({
    spec: { service: { name: dice.pick(names), namespace: 'system' } },
  }),
  'example.com/v1 Thing': (dice) => ({
    spec: {
      list: several(dice, 3, (at) => ({ name: `n${at}`, value: valueScalar(dice) })),
      deep: { text: oddScalar(dice) },
    },
  }),
};

const kinds = { ...plainKinds, ...workloads };
const kindNames = Object.keys(kinds);
const common = ['apps/v1 Deployment', 'v1 Service', 'v1 ConfigMap'];

/** An object of a kind by chance; the common kinds come up more often. */
export function makeObject(dice: Dice, taken: ReadonlySet<string>): MadeObject | undefined {
  const what = dice.chance(0.4) ? dice.pick(common) : dice.pick(kindNames);
  const name = dice.pick(names);
  const namespace = dice.chance(0.25) ? dice.pick(namespaces) : undefined;
  const make = kinds[what];
  if (make === undefined || taken.has(`${what} ${name}`)) return undefined;
  const [apiVersion = '', kind = ''] = what.split(' ');
  const yaml: YamlMap = {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...maybe(dice, 0.4, () => ({
        labels: { app: name, ...maybe(dice, 0.3, () => ({ tier: valueScalar(dice) })) },
      })),
      ...maybe(dice, 0.3, () => ({
        annotations: {
          note: valueScalar(dice),
          ...maybe(dice, 0.1, () => ({ 'config.kubernetes.io/local-config': '"true"' })),
        },
      })),
    },
    ...make(dice, name),
  };
  return { apiVersion, kind, name, yaml };
}
