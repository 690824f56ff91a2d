//! Scores of the macrovectors of CVSS 4.0, in tenths, in the order of their six digits.
//!
//! The numbers are those of the calculator of FIRST, under this licence:
//!
//! Copyright (c) 2023 FIRST.ORG, Inc., Red Hat, and contributors
//!
//! Redistribution and use in source and binary forms, with or without
//! modification, are permitted provided that the following conditions are met:
//!
//! 1. Redistributions of source code must retain the above copyright notice, this
//!    list of conditions and the following disclaimer.
//!
//! 2. Redistributions in binary form must reproduce the above copyright notice,
//!    this list of conditions and the following disclaimer in the documentation
//!    and/or other materials provided with the distribution.
//!
//! THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS AND CONTRIBUTORS "AS IS"
//! AND ANY EXPRESS OR IMPLIED WARRANTIES, INCLUDING, BUT NOT LIMITED TO, THE
//! IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR PURPOSE ARE
//! DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDER OR CONTRIBUTORS BE LIABLE
//! FOR ANY DIRECT, INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL
//! DAMAGES (INCLUDING, BUT NOT LIMITED TO, PROCUREMENT OF SUBSTITUTE GOODS OR
//! SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION) HOWEVER
//! CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY,
//! OR TORT (INCLUDING NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE
//! OF THIS SOFTWARE, EVEN IF ADVISED OF THE POSSIBILITY OF SUCH DAMAGE.

/// No macrovector has these digits.
pub(super) const NONE: u8 = u8::MAX;

/// Scores by `EQ4`, `EQ5`, `EQ6`.
type Lower = [[[u8; 2]; 3]; 3];

/// `EQ1`, `EQ2`, `EQ3`, `EQ4`, `EQ5`, `EQ6`, the last fastest.
#[rustfmt::skip]
pub(super) const SCORES: [[[Lower; 3]; 2]; 3] = [
    [
        [
            [[[100, 99], [98, 95], [95, 92]], [[100, 96], [93, 87], [91, 81]], [[93, 90], [89, 80], [81, 68]]],
            [[[98, 95], [95, 92], [90, 84]], [[93, 92], [89, 81], [81, 65]], [[88, 80], [78, 70], [69, 48]]],
            [[[NONE, 92], [NONE, 82], [NONE, 72]], [[NONE, 79], [NONE, 69], [NONE, 50]], [[NONE, 69], [NONE, 55], [NONE, 27]]],
        ],
        [
            [[[99, 97], [95, 92], [92, 85]], [[95, 91], [90, 83], [84, 71]], [[92, 81], [82, 71], [72, 53]]],
            [[[95, 93], [92, 85], [85, 73]], [[92, 82], [80, 72], [70, 59]], [[84, 70], [71, 52], [50, 30]]],
            [[[NONE, 86], [NONE, 75], [NONE, 52]], [[NONE, 71], [NONE, 52], [NONE, 29]], [[NONE, 63], [NONE, 29], [NONE, 17]]],
        ],
    ],
    [
        [
            [[[98, 95], [94, 87], [91, 81]], [[94, 89], [86, 74], [77, 64]], [[87, 75], [74, 63], [63, 49]]],
            [[[94, 89], [88, 77], [76, 67]], [[86, 76], [74, 58], [59, 50]], [[72, 57], [57, 52], [52, 25]]],
            [[[NONE, 83], [NONE, 70], [NONE, 54]], [[NONE, 65], [NONE, 58], [NONE, 26]], [[NONE, 53], [NONE, 21], [NONE, 13]]],
        ],
        [
            [[[95, 90], [88, 76], [76, 70]], [[90, 77], [75, 62], [61, 53]], [[77, 66], [68, 59], [52, 30]]],
            [[[89, 78], [76, 67], [62, 58]], [[74, 59], [57, 57], [47, 23]], [[61, 52], [57, 29], [24, 16]]],
            [[[NONE, 71], [NONE, 59], [NONE, 30]], [[NONE, 58], [NONE, 26], [NONE, 15]], [[NONE, 23], [NONE, 13], [NONE, 6]]],
        ],
    ],
    [
        [
            [[[93, 87], [86, 72], [75, 58]], [[86, 74], [74, 61], [56, 34]], [[70, 54], [52, 40], [40, 22]]],
            [[[85, 75], [74, 55], [62, 51]], [[72, 57], [55, 41], [46, 19]], [[53, 36], [34, 19], [19, 8]]],
            [[[NONE, 64], [NONE, 51], [NONE, 20]], [[NONE, 47], [NONE, 21], [NONE, 11]], [[NONE, 24], [NONE, 9], [NONE, 4]]],
        ],
        [
            [[[88, 75], [73, 53], [60, 50]], [[73, 55], [59, 40], [41, 20]], [[54, 43], [45, 22], [20, 11]]],
            [[[75, 55], [58, 45], [40, 21]], [[61, 51], [48, 18], [20, 9]], [[46, 18], [17, 7], [8, 2]]],
            [[[NONE, 53], [NONE, 24], [NONE, 14]], [[NONE, 24], [NONE, 12], [NONE, 5]], [[NONE, 10], [NONE, 3], [NONE, 1]]],
        ],
    ],
];
