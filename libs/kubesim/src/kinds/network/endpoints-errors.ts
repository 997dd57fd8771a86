import { dnsLabelProblems, labelKeyProblems, subdomainProblems } from '@meridian/cel';
import { invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { goEqual } from '../../schema/go-equal.ts';
import { addressErrors, endpointAddressErrors } from '../validation/address-errors.ts';
import { itemsWithPaths, portNumber } from '../validation/checks.ts';
import { formErrors, numberIn, optionalForm, textIn } from '../validation/go-fields.ts';

const protocols = ['SCTP', 'TCP', 'UDP'];

/** What is wrong with endpoints. Subsets that did not change are not looked at again. */
export function endpointsErrors(endpoints: KubeObject, old?: KubeObject): FieldError[] {
  if (old !== undefined && goEqual(old['subsets'], endpoints['subsets'])) return [];
  return itemsWithPaths(endpoints['subsets'], 'subsets').flatMap(subsetErrors);
}

function subsetErrors([subset, at]: readonly [JsonObject, string]): FieldError[] {
  const count = itemsAt(subset, 'addresses').length + itemsAt(subset, 'notReadyAddresses').length;
  const ports = itemsWithPaths(subset['ports'], `${at}.ports`);
  return [
    ...(count === 0 ? [required(at, 'must specify `addresses` or `notReadyAddresses`')] : []),
    ...['addresses', 'notReadyAddresses'].flatMap((field) =>
      itemsWithPaths(subset[field], `${at}.${field}`).flatMap(pointErrors),
    ),
    ...ports.flatMap(([port, path]) => portErrors(port, path, ports.length > 1)),
  ];
}

function pointErrors([point, at]: readonly [JsonObject, string]): FieldError[] {
  const address = textIn(point, 'ip');
  const node = textAt(point, 'nodeName');
  return [
    ...addressErrors(address, `${at}.ip`),
    ...optionalForm(textIn(point, 'hostname'), `${at}.hostname`, dnsLabelProblems),
    ...(node === undefined ? [] : formErrors(node, `${at}.nodeName`, subdomainProblems)),
    ...endpointAddressErrors(address, `${at}.ip`),
  ];
}

function portErrors(port: JsonObject, at: string, needsName: boolean): FieldError[] {
  const [name, protocol] = [textIn(port, 'name'), textIn(port, 'protocol')];
  const application = textAt(port, 'appProtocol');
  return [
    ...(name === '' && needsName ? [required(`${at}.name`)] : []),
    ...optionalForm(name, `${at}.name`, dnsLabelProblems),
    ...portNumber(numberIn(port, 'port'), `${at}.port`),
    ...(protocols.includes(protocol) ? [] : [notSupported(`${at}.protocol`, protocol, protocols)]),
    ...(application === undefined
      ? []
      : labelKeyProblems(application).map((why) => invalid(`${at}.appProtocol`, application, why))),
  ];
}
