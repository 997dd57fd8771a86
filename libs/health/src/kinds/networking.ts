import { byConditions, conditions } from '../forms/conditions.ts';
import { phases } from '../forms/phases.ts';
import { listAt } from '../read.ts';
import { conditionTest } from '../forms/condition-test.ts';
import { conditionsIn } from '../read.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing } from '../verdict.ts';
import { ancestors, judgeGateway, judgeListenerSet, parents, policyOfBackend } from './gateway-api.ts';
import { judgeGloo } from './gloo.ts';
import { judgeHttpProxy } from './contour.ts';

// Source: the health checks of Argo CD for these groups, written anew; InferencePool: the Gateway API Inference Extension
// (kubernetes-sigs/gateway-api-inference-extension, api/v1/inferencepool_types.go); DNSEndpoint: external-dns.

const accepted: Rule = byConditions({
  passes: [
    [
      ['Accepted=True', 'Healthy'],
      ['Accepted=False', 'Degraded'],
      ['Accepted', 'Progressing'],
    ],
  ],
  generation: 'notOld',
});

const admitted = conditionTest('Admitted=True');
const refused = conditionTest('Admitted=False');

/** OpenShift: every router that takes the route up must admit it. */
const route: Rule = (object) => {
  const routers = listAt(object, 'status', 'ingress').map((router) => conditionsIn(router, 'conditions'));
  const all = routers.flat();
  if (routers.length > 0 && all.filter(admitted).length === routers.length)
    return healthy('every router has admitted the route');
  const bad = all.find(refused);
  if (bad) return degraded(`a router refuses the route: ${bad.message || bad.reason}`);
  return progressing('no router has admitted the route yet');
};

const istio = phases('status.status', {
  Unknown: ['0', 'NONE'],
  Progressing: ['1', 'UPDATING', '2', 'RECONCILING'],
  Healthy: ['3', 'HEALTHY'],
  Degraded: ['4', 'ERROR'],
});

const policies = ancestors();

/** Networking: Gateway API and its implementations, Istio, Contour, OpenShift routes. */
export const networkingKinds: KindTable = {
  'gateway.envoyproxy.io/Backend': byConditions({
    passes: [
      [
        ['Accepted=True', 'Healthy'],
        ['Accepted', 'Degraded'],
      ],
    ],
    generation: 'notOld',
  }),
  'gateway.envoyproxy.io/BackendTrafficPolicy': policies,
  'gateway.envoyproxy.io/ClientTrafficPolicy': policies,
  'gateway.envoyproxy.io/EnvoyExtensionPolicy': policies,
  'gateway.envoyproxy.io/EnvoyPatchPolicy': policies,
  'gateway.envoyproxy.io/SecurityPolicy': policies,
  'gateway.networking.k8s.io/BackendTLSPolicy': policyOfBackend,
  'gateway.networking.k8s.io/GRPCRoute': parents(),
  'gateway.networking.k8s.io/Gateway': judgeGateway,
  'gateway.networking.k8s.io/GatewayClass': accepted,
  'gateway.networking.k8s.io/HTTPRoute': parents(),
  'gateway.networking.k8s.io/ListenerSet': judgeListenerSet,
  'gateway.networking.k8s.io/TCPRoute': parents(),
  'gateway.networking.k8s.io/TLSRoute': parents({ mustBeAccepted: true }),
  'gateway.networking.k8s.io/UDPRoute': parents(),
  'inference.networking.k8s.io/InferencePool': parents(),
  'inference.networking.x-k8s.io/InferencePool': parents({ list: 'parent' }),
  'gateway.solo.io/*': judgeGloo,
  'gloo.solo.io/*': judgeGloo,
  'install.istio.io/IstioOperator': istio,
  'operator.openshift.io/IngressController': conditions(
    ['Degraded=True', 'Degraded'],
    ['DeploymentReplicasAllAvailable=False', 'Progressing'],
    ['Progressing=True', 'Progressing'],
    ['Available=True', 'Healthy'],
  ),
  'projectcontour.io/ExtensionService': byConditions({
    passes: [
      [
        ['Valid=True', 'Healthy'],
        ['Valid=False', 'Degraded'],
      ],
    ],
    generation: 'same',
  }),
  'projectcontour.io/HTTPProxy': judgeHttpProxy,
  'route.openshift.io/Route': route,
  'nmstate.io/NodeNetworkConfigurationPolicy': conditions(
    ['Available=True', 'Healthy'],
    ['Degraded=True', 'Degraded'],
    ['Progressing=True', 'Progressing'],
    ['Ignored=True', 'Suspended'],
  ),
};
