//! Logarithm, exponential and power, computed from additions, multiplications and divisions only. IEEE 754 defines these to
//! the bit, and the functions of C libraries and of JavaScript engines are not equal to each other. Each expression is
//! written in the same order in `static/practice-memory.js`. The relative error is below 10⁻¹⁴.

use std::f64::consts::{FRAC_1_SQRT_2, LN_2, SQRT_2};

/// ln 2 to 33 bits, so its product with a small whole number is exact.
const LN_2_HIGH: f64 = 0.693_147_180_369_123_8;
/// The rest of ln 2.
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// The largest exponent; e⁷⁰⁰ is near the largest number.
const MAX_EXPONENT: f64 = 700.0;

/// The natural logarithm of a number from 10⁻³⁰⁰ to 10³⁰⁰; values outside of it count as the nearest one inside.
pub(crate) fn ln(x: f64) -> f64 {
    // `x` is `mantissa · 2^power`; a product with 2 or ½ is exact.
    let (mut mantissa, mut power) = (x.clamp(1e-300, 1e300), 0.0);
    while mantissa > SQRT_2 {
        mantissa *= 0.5;
        power += 1.0;
    }
    while mantissa < FRAC_1_SQRT_2 {
        mantissa *= 2.0;
        power -= 1.0;
    }
    // ln m = 2·artanh(s) = 2·(s + s³/3 + s⁵/5 + …) with s = (m - 1) / (m + 1), which is at most 0.172.
    let s = (mantissa - 1.0) / (mantissa + 1.0);
    let square = s * s;
    let (mut sum, mut n) = (0.0, 23.0);
    while n > 1.0 {
        sum = (sum + 1.0 / n) * square;
        n -= 2.0;
    }
    power * LN_2 + 2.0 * s * (1.0 + sum)
}

/// e to the power of `x`. Exponents beyond ±700 count as ±700.
pub(crate) fn exp(x: f64) -> f64 {
    let x = x.clamp(-MAX_EXPONENT, MAX_EXPONENT);
    let power = (x / LN_2 + 0.5).floor();
    let rest = x - power * LN_2_HIGH - power * LN_2_LOW;
    // The Taylor series; `rest` is at most 0.347, so the next term is below 10⁻¹⁷.
    let (mut sum, mut n) = (1.0, 14.0);
    while n > 0.0 {
        sum = 1.0 + rest * sum / n;
        n -= 1.0;
    }
    let (step, mut left) = (if power < 0.0 { 0.5 } else { 2.0 }, power.abs());
    while left > 0.0 {
        sum *= step;
        left -= 1.0;
    }
    sum
}

/// `x` to the power of `y`, for a positive `x`.
pub(crate) fn pow(x: f64, y: f64) -> f64 {
    exp(y * ln(x))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_near(own: f64, library: f64) -> bool {
        own == library || ((own - library) / library).abs() < 1e-14 || (own - library).abs() < 1e-300
    }

    proptest! {
        #[test]
        fn values_are_those_of_the_library(x in 1e-9..1e9_f64, y in -5.0..5.0_f64, e in -650.0..650.0_f64) {
            prop_assert!((ln(x) - x.ln()).abs() < 1e-15 * x.ln().abs().max(1.0));
            prop_assert!(((exp(e) - e.exp()) / e.exp()).abs() < 1e-14);
            prop_assert!(((pow(x, y) - x.powf(y)) / x.powf(y)).abs() < 1e-13);
        }
    }

    #[test]
    fn special_values() {
        for (own, library) in [(ln(1.0), 0.0), (exp(0.0), 1.0), (pow(7.0, 0.0), 1.0), (pow(1.0, 9.0), 1.0)] {
            assert!(is_near(own, library), "{own} {library}");
        }
        assert!(ln(0.0).is_finite() && exp(f64::INFINITY).is_finite() && exp(f64::NEG_INFINITY) > 0.0);
    }
}
