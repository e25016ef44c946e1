//! The protobuf wire format: bytes go in, numbered items come out.

/// One item: a number or a run of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Item<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl Item<'_> {
    /// Whether it says nothing: fields that are no pointers are sent even when unset.
    pub(super) fn is_empty(self) -> bool {
        match self {
            Self::Number(number) => number == 0,
            Self::Bytes(bytes) => bytes.is_empty(),
        }
    }
}

/// The items of a message.
#[derive(Debug)]
pub(super) struct Wire<'a> {
    rest: &'a [u8],
    broken: bool,
}

impl<'a> Wire<'a> {
    pub(super) fn new(rest: &'a [u8]) -> Self {
        Self { rest, broken: false }
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let (byte, rest) = self.rest.split_first()?;
            self.rest = rest;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn item(&mut self) -> Option<(u64, Item<'a>)> {
        let tag = self.varint()?;
        let item = match tag & 7 {
            0 => Item::Number(self.varint()?),
            1 => Item::Bytes(self.take(8)?),
            2 => {
                let count = usize::try_from(self.varint()?).ok()?;
                Item::Bytes(self.take(count)?)
            }
            5 => Item::Bytes(self.take(4)?),
            _ => return None,
        };
        Some((tag >> 3, item))
    }
}

impl<'a> Iterator for Wire<'a> {
    type Item = Result<(u64, Item<'a>), &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() || self.broken {
            return None;
        }
        let item = self.item();
        self.broken = item.is_none();
        Some(item.ok_or("the message is cut off"))
    }
}
