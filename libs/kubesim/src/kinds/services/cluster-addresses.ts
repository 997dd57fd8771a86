import { internalServerError } from '../../errors/api-error.ts';
import { invalid } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { RuleContext } from '../kind-rules.ts';
import { parseAddress } from '../validation/addresses.ts';
import { addressesOf, isHeadless, needsAddress } from './spec.ts';

/** The range is 10.0.0.0/16, without the address of the network and that of everybody in it. */
const first = 0x0a_00_00_01;
const last = 0x0a_00_ff_fe;
/** Addresses that are given only to those who ask for them, so that nobody finds their choice taken by chance. */
const forChoice = 256;

/** Gives a service that is new, or new to the cluster's addresses, its address. @returns what cannot be. */
export function takeAddress(
  spec: JsonObject,
  old: JsonObject | undefined,
  context: RuleContext,
): FieldError[] {
  const keeps = old !== undefined && needsAddress(old);
  if (keeps || !needsAddress(spec) || isHeadless(spec)) return [];
  const given = addressesOf(spec)[0] ?? '';
  const taken = new Set(
    context.lookupAll('services').flatMap((service) => addressesOf(objectAt(service, 'spec'))),
  );
  if (given === '') {
    const address = context.dryRun ? shown(first - 1) : freeAddress(taken, context);
    spec['clusterIP'] = address;
    spec['clusterIPs'] = [address];
    return [];
  }
  const why = refusal(given, taken, context);
  if (why === undefined) return [];
  return [invalid('spec.clusterIPs', [...addressesOf(spec)], `failed to allocate IP ${given}: ${why}`)];
}

function refusal(given: string, taken: ReadonlySet<string>, context: RuleContext): string | undefined {
  const value = Number(parseAddress(given)?.value ?? 0n);
  if (value < first || value > last) return 'the provided network does not match the current range';
  return taken.has(given) && !context.dryRun ? 'provided IP is already allocated' : undefined;
}

function freeAddress(taken: ReadonlySet<string>, context: RuleContext): string {
  const size = last - first + 1;
  const dynamic = size - forChoice;
  const offset = Math.floor(context.random() * dynamic);
  for (let step = 0; step < size; step += 1) {
    const at = step < dynamic ? forChoice + ((offset + step) % dynamic) : step - dynamic;
    const address = shown(first + at);
    if (!taken.has(address)) return address;
  }
  throw internalServerError('failed to allocate a serviceIP: range is full');
}

function shown(value: number): string {
  return [24, 16, 8, 0].map((shift) => String((value >>> shift) & 255)).join('.');
}
