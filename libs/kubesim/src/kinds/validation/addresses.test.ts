import { describe, expect, it } from 'vitest';
import { addressErrors, endpointAddressErrors, rangeErrors, rangeWarnings } from './address-errors.ts';
import { isInRange, parseAddress, parseRange } from './addresses.ts';

describe('addresses', () => {
  it('reads both families and says how they should be written', () => {
    expect(parseAddress('10.9.8.7')).toMatchObject({ family: 'IPv4', canonical: '10.9.8.7' });
    expect(parseAddress('FE80:0:0:0:0:0:0:0ABC')).toMatchObject({ family: 'IPv6', canonical: 'fe80::abc' });
    expect(parseAddress('2001:db8::1')?.value).toBe(0x2001_0db8_0000_0000_0000_0000_0000_0001n);
  });

  it('takes nothing else for an address', () => {
    for (const text of ['', '10.0.0', '10.0.0.256', '1.2.3.4.5', 'fe80::1%eth0', ':::', 'host']) {
      expect(parseAddress(text), text).toBeUndefined();
    }
  });

  it('tells leading zeros and mapped addresses, which others read in another way', () => {
    expect(addressErrors('010.0.0.1', 'ip')[0]?.detail).toBe('must not have leading 0s');
    expect(addressErrors('::ffff:1.2.3.4', 'ip')[0]?.detail).toBe('must not be an IPv4-mapped IPv6 address');
    expect(addressErrors('1.2.3.4', 'ip')).toEqual([]);
  });

  it('refuses addresses that mean only the machine or its link as places to send traffic to', () => {
    for (const text of [
      '0.0.0.0',
      '127.0.0.9',
      '169.254.1.1',
      '224.0.0.7',
      '::',
      '::1',
      'fe80::1',
      'ff02::2',
    ]) {
      expect(endpointAddressErrors(text, 'ip'), text).toHaveLength(1);
    }
    expect(endpointAddressErrors('224.0.1.1', 'ip')).toEqual([]);
  });
});

describe('ranges', () => {
  it('holds the addresses that share its first bits', () => {
    const range = parseRange('10.0.0.0/8');
    const held = (text: string) => {
      const address = parseAddress(text);
      return range !== undefined && address !== undefined && isInRange(range, address);
    };
    expect([held('10.255.0.1'), held('11.0.0.1'), held('fd00::1')]).toEqual([true, false, false]);
  });

  it('has no bits set beyond its length, and no more bits than its family', () => {
    expect(rangeErrors('10.0.0.1/8', 'cidr')[0]?.detail).toBe(
      'must not have bits set beyond the prefix length',
    );
    expect(rangeErrors('10.0.0.0/33', 'cidr')).toHaveLength(1);
    expect(rangeErrors('fd00::/8', 'cidr')).toEqual([]);
  });

  it('is warned of when it is written in a longer form', () => {
    expect(rangeWarnings('FD00:0::/32', 'cidr')).toEqual([
      'cidr: IPv6 CIDR value "FD00:0::/32" should be in RFC 5952 canonical format ("fd00::/32")',
    ]);
  });
});
