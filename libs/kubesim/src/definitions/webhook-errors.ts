import { invalid, notSupported, required, forbidden } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { isObject, itemsAt, textAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import { reviewVersionErrors, webhookAddressErrors } from '../kinds/validation/webhook-client-errors.ts';
import { bundleProblem } from './ca-bundle.ts';
import { textsIn } from './internal-spec.ts';

/** What is wrong with the conversion of an internal spec. A bundle of certificates is read only when told so. */
export function conversionErrors(spec: JsonObject, path: string, readsBundle: boolean): FieldError[] {
  const { conversion } = spec;
  if (!isObject(conversion)) return [];
  const strategy = textAt(conversion, 'strategy') ?? '';
  return [
    ...strategyErrors(strategy, `${path}.strategy`),
    ...(strategy === 'Webhook'
      ? webhookErrors(conversion, path, readsBundle)
      : withoutWebhook(conversion, path)),
  ];
}

function strategyErrors(strategy: string, path: string): FieldError[] {
  if (strategy === '') return [required(path)];
  const known = ['None', 'Webhook'];
  return known.includes(strategy) ? [] : [notSupported(path, strategy, known)];
}

function withoutWebhook(conversion: JsonObject, path: string): FieldError[] {
  const why = 'should not be set when strategy is not set to Webhook';
  return [
    ...(isObject(conversion['webhookClientConfig']) ? [forbidden(`${path}.webhookClientConfig`, why)] : []),
    ...(itemsAt(conversion, 'conversionReviewVersions').length > 0
      ? [forbidden(`${path}.conversionReviewVersions`, why)]
      : []),
  ];
}

function webhookErrors(conversion: JsonObject, path: string, readsBundle: boolean): FieldError[] {
  const config = conversion['webhookClientConfig'];
  const at = `${path}.webhookClientConfig`;
  return [
    ...(isObject(config)
      ? clientErrors(config, at, readsBundle)
      : [required(at, 'required when strategy is set to Webhook')]),
    ...reviewVersionErrors(
      textsIn(itemsAt(conversion, 'conversionReviewVersions')),
      `${path}.conversionReviewVersions`,
    ),
  ];
}

function clientErrors(config: JsonObject, path: string, readsBundle: boolean): FieldError[] {
  const { caBundle } = config;
  const bundle = readsBundle && typeof caBundle === 'string' ? caBundle : '';
  const problem = bundle === '' ? undefined : bundleProblem(bundle);
  return [
    ...webhookAddressErrors(config, path),
    ...(problem === undefined ? [] : [invalid(`${path}.caBundle`, bundle, problem)]),
  ];
}
