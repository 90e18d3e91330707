//! Result tables as Parquet: zstd, one column per column, meaning and unit of each in the metadata of the field and of
//! the file. The only module that names arrow and parquet.
//!
//! The bytes depend on the table alone: no clock, no host, sorted metadata, fixed block sizes.

use super::geometry::Geometry;
use crate::error::{Error, Result};
use crate::table::{Column, Reals, Table, Values};
use ::parquet::arrow::ArrowWriter;
use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{Array, ArrayRef, BinaryArray, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::Write;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// Rows handed to the writer at once: bounds the copy that is made of a long table.
const ROWS_AT_ONCE: usize = 1 << 17;

/// File metadata key of the list of columns as JSON.
const COLUMNS: &str = "hubflow.columns";

/// File metadata key of the table's name.
const TABLE: &str = "hubflow.table";

/// Name of the column that carries geometry as well-known binary.
pub const GEOMETRY: &str = "geometry";

/// A column as the file's metadata describes it.
#[derive(Serialize, Deserialize)]
struct Described {
    name: String,
    unit: String,
    about: String,
    key: bool,
    /// Whether the words of the column repeat and are held as codes.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    repeated: bool,
}

/// Writes a table, with geometry where the rows have one, and gives the writer back.
pub fn write<W: Write + Send>(table: &Table, geometry: Option<&Geometry>, to: W) -> Result<W> {
    written(table, geometry, to).map_err(|e| failed(&table.name, &e))
}

/// The bytes of a table's file.
pub fn bytes(table: &Table) -> Result<Vec<u8>> {
    write(table, None, Vec::new())
}

/// Reads a table that [`write`] wrote; a geometry column is left out, since it repeats what others say. Repeated words
/// are listed in the order in which the rows name them.
pub fn read(path: &Path) -> Result<Table> {
    let file = File::open(path).map_err(|e| Error::file(path, e))?;
    taken(file).map_err(|e| Error::file(path, std::io::Error::other(e)))
}

fn written<W: Write + Send>(table: &Table, geometry: Option<&Geometry>, to: W) -> std::result::Result<W, ParquetError> {
    let schema = schema(table, geometry);
    let mut writer = opened(table, geometry, &schema, to)?;
    let rows = table.rows();
    for first in (0..rows).step_by(ROWS_AT_ONCE) {
        writer.write(&batch(table, geometry, &schema, first..rows.min(first + ROWS_AT_ONCE))?)?;
    }
    writer.into_inner()
}

fn opened<W: Write + Send>(
    table: &Table,
    geometry: Option<&Geometry>,
    schema: &SchemaRef,
    to: W,
) -> std::result::Result<ArrowWriter<W>, ParquetError> {
    let mut metadata =
        vec![KeyValue::new(TABLE.to_owned(), table.name.clone()), KeyValue::new(COLUMNS.to_owned(), described(table))];
    metadata.extend(geometry.map(|g| KeyValue::new("geo".to_owned(), g.metadata.clone())));
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_created_by(concat!("hubflow ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_key_value_metadata(Some(metadata))
        .build();
    ArrowWriter::try_new(to, schema.clone(), Some(properties))
}

/// A table that is written piece by piece, because it is longer than memory.
pub struct Stream<W: Write + Send> {
    name: String,
    schema: SchemaRef,
    writer: ArrowWriter<W>,
}

impl<W: Write + Send> Stream<W> {
    /// Begins a file of tables like this one, whose rows are not written.
    pub fn new(form: &Table, to: W) -> Result<Stream<W>> {
        let schema = schema(form, None);
        let writer = opened(form, None, &schema, to).map_err(|e| failed(&form.name, &e))?;
        Ok(Stream { name: form.name.clone(), schema, writer })
    }

    /// Writes the rows of a piece as a row group.
    pub fn add(&mut self, piece: &Table) -> Result<()> {
        let written = batch(piece, None, &self.schema, 0..piece.rows()).and_then(|rows| {
            self.writer.write(&rows)?;
            self.writer.flush()
        });
        written.map_err(|e| failed(&self.name, &e))
    }

    /// Ends the file and gives the writer back.
    pub fn finish(self) -> Result<W> {
        self.writer.into_inner().map_err(|e| failed(&self.name, &e))
    }
}

fn failed(table: &str, error: &ParquetError) -> Error {
    Error::Model(format!("table {table} cannot be written: {error}"))
}

fn schema(table: &Table, geometry: Option<&Geometry>) -> SchemaRef {
    let mut fields: Vec<Field> = table.columns.iter().map(field).collect();
    fields.extend(geometry.map(|_| Field::new(GEOMETRY, DataType::Binary, false)));
    Arc::new(Schema::new(fields))
}

fn field(column: &Column) -> Field {
    let (kind, nullable) = match column.values {
        Values::Text(_) | Values::Category { .. } => (DataType::Utf8, false),
        Values::Int(_) => (DataType::Int64, false),
        Values::Real(_) => (DataType::Float64, true),
    };
    Field::new(&column.name, kind, nullable).with_metadata([
        ("about", column.about.as_str()),
        ("key", if column.key { "true" } else { "false" }),
        ("unit", column.unit.as_str()),
    ])
}

fn described(table: &Table) -> String {
    let columns: Vec<Described> = table
        .columns
        .iter()
        .map(|c| Described {
            name: c.name.clone(),
            unit: c.unit.clone(),
            about: c.about.clone(),
            key: c.key,
            repeated: matches!(c.values, Values::Category { .. }),
        })
        .collect();
    serde_json::to_string(&columns).expect("plain words serialise")
}

fn batch(
    table: &Table,
    geometry: Option<&Geometry>,
    schema: &SchemaRef,
    rows: Range<usize>,
) -> std::result::Result<RecordBatch, ParquetError> {
    let mut arrays: Vec<ArrayRef> = table
        .columns
        .iter()
        .map(|column| -> ArrayRef {
            match &column.values {
                Values::Text(v) => Arc::new(StringArray::from_iter_values(&v[rows.clone()])),
                Values::Category { codes, words } => {
                    let word = |&code: &u32| words[code as usize].as_str();
                    Arc::new(StringArray::from_iter_values(codes[rows.clone()].iter().map(word)))
                }
                Values::Int(v) => Arc::new(Int64Array::from_iter_values(v[rows.clone()].iter().copied())),
                Values::Real(v) => Arc::new(Float64Array::from_iter(rows.clone().map(|row| v.at(row)))),
            }
        })
        .collect();
    if let Some(geometry) = geometry {
        arrays.push(Arc::new(BinaryArray::from_iter_values(&geometry.rows[rows])));
    }
    Ok(RecordBatch::try_new(schema.clone(), arrays)?)
}

fn taken(file: File) -> std::result::Result<Table, ParquetError> {
    let reader = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let metadata = reader.metadata().file_metadata().key_value_metadata();
    let word = |key: &str| {
        let found = metadata.and_then(|all| all.iter().find(|m| m.key == key)).and_then(|m| m.value.clone());
        found.ok_or_else(|| ParquetError::General(format!("the file has no {key}, so hubflow did not write it")))
    };
    let name = word(TABLE)?;
    let described: Vec<Described> =
        serde_json::from_str(&word(COLUMNS)?).map_err(|e| ParquetError::General(format!("{COLUMNS}: {e}")))?;
    let mut columns = Vec::with_capacity(described.len());
    for column in described {
        let found = reader.schema().field_with_name(&column.name)?;
        let values = match found.data_type() {
            DataType::Utf8 if column.repeated => Values::Category { codes: Vec::new(), words: Vec::new() },
            DataType::Utf8 => Values::Text(Vec::new()),
            DataType::Int64 => Values::Int(Vec::new()),
            DataType::Float64 => Values::Real(Reals::default()),
            other => return Err(ParquetError::General(format!("column {} is of type {other}", column.name))),
        };
        columns.push(Column { name: column.name, unit: column.unit, about: column.about, key: column.key, values });
    }
    for batch in reader.build()? {
        let batch = batch?;
        for column in &mut columns {
            let array = batch.column_by_name(&column.name).expect("the schema of the file names it");
            append(&mut column.values, array.as_ref());
        }
    }
    Ok(Table { name, columns })
}

fn append(values: &mut Values, array: &dyn Array) {
    match values {
        Values::Text(v) => v.extend(array.as_string::<i32>().iter().map(|x| x.unwrap_or_default().to_owned())),
        Values::Category { codes, words } => {
            for word in array.as_string::<i32>().iter().map(Option::unwrap_or_default) {
                let known = words.iter().position(|w| w == word).unwrap_or_else(|| {
                    words.push(word.to_owned());
                    words.len() - 1
                });
                codes.push(known as u32);
            }
        }
        Values::Int(v) => v.extend(array.as_primitive::<Int64Type>().values()),
        Values::Real(v) => v.extend(array.as_primitive::<Float64Type>().iter()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table::new("links")
            .key("link_id", "External id.", vec!["a".into(), "白云 <b>".into(), String::new()])
            .key_int("hour", "h", "Hour of the day.", vec![0, 23, -1])
            .int("volume_veh", "veh", "Vehicles.", vec![i64::MAX, 0, i64::MIN])
            .category("facility", "Kind of road.", vec![0, 1, 0], vec!["motorway".into(), "local".into()])
            .real_or_none("mean_time_s", "s", "Mean time.", vec![Some(0.1 + 0.2), None, Some(-0.0)])
    }

    fn round_trip(table: &Table, geometry: Option<&Geometry>) -> Table {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        write(table, geometry, File::create(&path).unwrap()).unwrap();
        read(&path).unwrap()
    }

    #[test]
    fn a_table_reads_back_identical() {
        assert_eq!(round_trip(&table(), None), table());
        let nothing = Table::new("none").key("id", "Id.", vec![]).real("x", "m", "X.", vec![]);
        assert_eq!(round_trip(&nothing, None), nothing);
    }

    #[test]
    fn a_table_longer_than_one_block_reads_back_identical() {
        let long = Table::new("events").int("n", "", "Count.", (0..ROWS_AT_ONCE as i64 * 2 + 5).collect());
        assert_eq!(round_trip(&long, None), long);
    }

    #[test]
    fn geometry_is_carried_beside_the_columns_and_left_out_on_reading() {
        let geometry = Geometry::of_lines(&[[113.0, 23.0, 113.1, 23.1]; 3]);
        assert_eq!(round_trip(&table(), Some(&geometry)), table());
    }

    #[test]
    fn the_same_table_gives_the_same_bytes() {
        assert_eq!(bytes(&table()).unwrap(), bytes(&table()).unwrap());
    }

    #[test]
    fn meaning_and_unit_stand_in_the_metadata_of_file_and_field() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.parquet");
        std::fs::write(&path, bytes(&table()).unwrap()).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
        let field = reader.schema().field_with_name("mean_time_s").unwrap();
        assert_eq!(field.metadata().get("unit").map(|s| s.as_str()), Some("s"));
        assert_eq!(field.metadata().get("about").map(|s| s.as_str()), Some("Mean time."));
        let all = reader.metadata().file_metadata().key_value_metadata().unwrap();
        let columns = all.iter().find(|m| m.key == COLUMNS).unwrap().value.clone().unwrap();
        assert!(columns.contains(r#"{"name":"volume_veh","unit":"veh","about":"Vehicles.","key":false}"#), "{columns}");
    }

    #[test]
    fn a_file_of_another_program_is_an_error_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("foreign.parquet");
        std::fs::write(&path, b"PAR1 no").unwrap();
        assert!(read(&path).unwrap_err().to_string().contains("foreign.parquet"));
    }
}
