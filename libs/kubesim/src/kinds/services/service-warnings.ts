import { goQuote } from '@meridian/cel';
import { objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { addressWarnings, rangeWarnings } from '../validation/address-errors.ts';
import { addressesOf, isHeadless, textsOf } from './spec.ts';

const oldHints = 'service.kubernetes.io/topology-aware-hints';

/** What a client is warned of in a service (pkg/api/service/warnings.go). */
export function serviceWarnings(service: KubeObject): string[] {
  const spec = objectAt(service, 'spec') ?? {};
  const type = textAt(spec, 'type') ?? '';
  return [
    ...(service.metadata.annotations?.[oldHints] === undefined
      ? []
      : [`annotation ${oldHints} is deprecated, please use service.kubernetes.io/topology-mode instead`]),
    ...(isHeadless(spec) ? [] : each(addressesOf(spec), 'spec.clusterIPs', addressWarnings)),
    ...(type === 'ClusterIP' && spec['clusterIP'] === 'None' ? headlessWarnings(spec) : []),
    ...externalAddressWarnings(spec, type),
    ...addressWarnings(textAt(spec, 'loadBalancerIP') ?? '', 'spec.loadBalancerIP'),
    ...each(textsOf(spec, 'loadBalancerSourceRanges'), 'spec.loadBalancerSourceRanges', rangeWarnings),
    ...nameWarnings(spec, type),
    ...(spec['trafficDistribution'] === 'PreferClose'
      ? ['spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"']
      : []),
  ];
}

function headlessWarnings(spec: JsonObject): string[] {
  const ignored = 'is ignored for headless services';
  return [
    ...((textAt(spec, 'loadBalancerIP') ?? '') === '' ? [] : [`spec.loadBalancerIP ${ignored}`]),
    ...(textsOf(spec, 'externalIPs').length === 0 ? [] : [`spec.externalIPs ${ignored}`]),
    ...(spec['sessionAffinity'] === 'None' ? [] : [`spec.SessionAffinity ${ignored}`]),
  ];
}

function externalAddressWarnings(spec: JsonObject, type: string): string[] {
  const addresses = textsOf(spec, 'externalIPs');
  const used = addresses.length > 0 && type !== 'ExternalName';
  const headless = type === 'ClusterIP' && spec['clusterIP'] === 'None';
  return [
    ...each(addresses, 'spec.externalIPs', addressWarnings),
    ...(used && !headless
      ? ['spec.externalIPs is deprecated and may no longer be implemented in some clusters']
      : []),
  ];
}

function nameWarnings(spec: JsonObject, type: string): string[] {
  const named = (textAt(spec, 'externalName') ?? '') !== '';
  const addressed = textsOf(spec, 'externalIPs').length > 0;
  const outside = goQuote('ExternalName');
  if (type === 'ExternalName') {
    return addressed ? [`spec.externalIPs is ignored when spec.type is ${outside}`] : [];
  }
  return named ? [`spec.externalName is ignored when spec.type is not ${outside}`] : [];
}

function each(
  texts: readonly string[],
  path: string,
  warnings: (text: string, path: string) => string[],
): string[] {
  return texts.flatMap((text, index) => warnings(text, `${path}[${String(index)}]`));
}
