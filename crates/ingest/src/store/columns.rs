//! Columns of plain values, to Arrow and back.

use arrow_array::cast::AsArray;
use arrow_array::types::{ArrowPrimitiveType, Date32Type, Float64Type, UInt32Type, UInt64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, DictionaryArray, PrimitiveArray, StringArray};
use arrow_schema::{DataType, Field};
use perfpower_model::{Day, NameId, Names};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Why a table is not one of this program.
#[derive(Debug)]
pub(super) struct Fault(pub(super) String);

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<E: std::error::Error> From<E> for Fault {
    fn from(error: E) -> Self {
        Self(error.to_string())
    }
}

/// A column of a table. Texts are handles into a table of names that all columns of a shard share.
pub(super) trait Column {
    /// Its type in a file.
    fn field(name: &str) -> Field;

    /// Its values.
    fn array(&self, names: &Names) -> ArrayRef;

    /// Adds the values of a file.
    fn read(&mut self, array: &ArrayRef, names: &mut Names) -> Result<(), Fault>;
}

/// A value with a type of its own in Arrow.
trait Primitive: Copy {
    type Arrow: ArrowPrimitiveType;

    fn native(self) -> <Self::Arrow as ArrowPrimitiveType>::Native;

    fn of(native: <Self::Arrow as ArrowPrimitiveType>::Native) -> Self;
}

macro_rules! primitives {
    ($($type:ty: $arrow:ty, $native:expr, $of:expr;)*) => {$(
        impl Primitive for $type {
            type Arrow = $arrow;

            fn native(self) -> <$arrow as ArrowPrimitiveType>::Native {
                $native(self)
            }

            fn of(native: <$arrow as ArrowPrimitiveType>::Native) -> Self {
                $of(native)
            }
        }

        impl Column for Vec<$type> {
            fn field(name: &str) -> Field {
                Field::new(name, <$arrow as ArrowPrimitiveType>::DATA_TYPE, false)
            }

            fn array(&self, _: &Names) -> ArrayRef {
                Arc::new(PrimitiveArray::<$arrow>::from_iter_values(self.iter().map(|value| value.native())))
            }

            fn read(&mut self, array: &ArrayRef, _: &mut Names) -> Result<(), Fault> {
                let column = primitive::<$arrow>(array)?;
                if column.null_count() > 0 {
                    return Err(Fault("a value is missing where every row has one".to_owned()));
                }
                self.extend(column.values().iter().map(|native| <$type>::of(*native)));
                Ok(())
            }
        }

        impl Column for Vec<Option<$type>> {
            fn field(name: &str) -> Field {
                Field::new(name, <$arrow as ArrowPrimitiveType>::DATA_TYPE, true)
            }

            fn array(&self, _: &Names) -> ArrayRef {
                let values = self.iter().map(|value| value.map(Primitive::native));
                Arc::new(values.collect::<PrimitiveArray<$arrow>>())
            }

            fn read(&mut self, array: &ArrayRef, _: &mut Names) -> Result<(), Fault> {
                self.extend(primitive::<$arrow>(array)?.iter().map(|value| value.map(<$type>::of)));
                Ok(())
            }
        }
    )*};
}

primitives! {
    u32: UInt32Type, |value| value, |native| native;
    u64: UInt64Type, |value| value, |native| native;
    f64: Float64Type, |value| value, |native| native;
    Day: Date32Type, |day: Day| day.days(), Day::from_days;
}

fn primitive<T: ArrowPrimitiveType>(array: &ArrayRef) -> Result<&PrimitiveArray<T>, Fault> {
    array.as_primitive_opt::<T>().ok_or_else(|| wrong_type(array, &T::DATA_TYPE))
}

fn wrong_type(array: &ArrayRef, expected: &DataType) -> Fault {
    Fault(format!("a column of {}, expected {expected}", array.data_type()))
}

impl Column for Vec<bool> {
    fn field(name: &str) -> Field {
        Field::new(name, DataType::Boolean, false)
    }

    fn array(&self, _: &Names) -> ArrayRef {
        Arc::new(self.iter().map(|value| Some(*value)).collect::<BooleanArray>())
    }

    fn read(&mut self, array: &ArrayRef, _: &mut Names) -> Result<(), Fault> {
        let column = array.as_boolean_opt().ok_or_else(|| wrong_type(array, &DataType::Boolean))?;
        self.extend(column.iter().map(Option::unwrap_or_default));
        Ok(())
    }
}

impl Column for Vec<Option<bool>> {
    fn field(name: &str) -> Field {
        Field::new(name, DataType::Boolean, true)
    }

    fn array(&self, _: &Names) -> ArrayRef {
        Arc::new(self.iter().copied().collect::<BooleanArray>())
    }

    fn read(&mut self, array: &ArrayRef, _: &mut Names) -> Result<(), Fault> {
        self.extend(array.as_boolean_opt().ok_or_else(|| wrong_type(array, &DataType::Boolean))?.iter());
        Ok(())
    }
}

/// Texts that may be absent.
impl Column for Vec<Option<NameId>> {
    fn field(name: &str) -> Field {
        let key = Box::new(DataType::UInt32);
        Field::new(name, DataType::Dictionary(key, Box::new(DataType::Utf8)), true)
    }

    fn array(&self, names: &Names) -> ArrayRef {
        let mut keys: HashMap<NameId, u32> = HashMap::new();
        let mut texts: Vec<&str> = Vec::new();
        let mut key = |id: NameId| {
            *keys.entry(id).or_insert_with(|| {
                texts.push(names.text(id));
                texts.len() as u32 - 1
            })
        };
        let keys: PrimitiveArray<UInt32Type> = self.iter().map(|id| id.map(&mut key)).collect();
        let own = DictionaryArray::try_new(keys, Arc::new(StringArray::from(texts)));
        // Every key is that of a text.
        own.map_or_else(|_| arrow_array::new_empty_array(Self::field("").data_type()), |own| Arc::new(own) as ArrayRef)
    }

    fn read(&mut self, array: &ArrayRef, names: &mut Names) -> Result<(), Fault> {
        let column = array.as_dictionary_opt::<UInt32Type>();
        let column = column.ok_or_else(|| wrong_type(array, Self::field("").data_type()))?;
        let texts =
            column.values().as_string_opt::<i32>().ok_or_else(|| wrong_type(column.values(), &DataType::Utf8))?;
        let ids: Vec<Option<NameId>> = texts.iter().map(|text| text.map(|text| names.intern(text))).collect();
        self.extend(column.keys().iter().map(|key| ids.get(key? as usize).copied().flatten()));
        Ok(())
    }
}
